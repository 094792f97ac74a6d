package report

import (
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/deskferry/deskferry/importer"
)

// JSON writes the account for machines: one object, its form is importer.Summary's and stable.
func JSON(out io.Writer, s *importer.Summary) error {
	b, err := json.Marshal(s, jsontext.Multiline(true), jsontext.WithIndent(" "), json.FormatNilSliceAsNull(false))
	if err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	_, err = out.Write(append(b, '\n'))
	return err
}
