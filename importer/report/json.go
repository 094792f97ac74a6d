package report

import (
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/importer"
)

// JSON writes the report for machines: one object whose form is stable, as docs/report.schema.json describes it.
func JSON(out io.Writer, r *Report) error { return writeJSON(out, r) }

// Sums writes the summary alone, as the ledger keeps it of each run: numbers, codes and places. Neither a value of the export nor
// what grows with the mapping or the people is in it.
func Sums(out io.Writer, s *importer.Summary) error {
	kept := withoutLists(s)
	kept.Statuses = nil
	kept.Problems = slices.Clone(s.Problems)
	for i := range kept.Problems {
		p := &kept.Problems[i]
		p.Hint, p.Values, p.Examples = "", nil, slices.Clone(p.Examples)
		for k := range p.Examples {
			p.Examples[k].Value = ""
		}
	}
	kept.Fields = slices.Clone(s.Fields)
	for i := range kept.Fields {
		kept.Fields[i].Example = ""
	}
	return writeJSON(out, &kept)
}

// withoutLists is s without what grows with the mapping or the people.
func withoutLists(s *importer.Summary) importer.Summary {
	kept := *s
	kept.Picks, kept.Kept, kept.People.Staff = nil, nil, nil
	return kept
}

func writeJSON(out io.Writer, v any) error {
	b, err := json.Marshal(v, jsontext.Multiline(true), jsontext.WithIndent(" "), json.FormatNilSliceAsNull(false))
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	_, err = out.Write(append(b, '\n'))
	return err
}
