package report

import (
	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/problem"
)

// verifiedView is a verification as the page shows it.
type verifiedView struct {
	*importer.Verification
	Kinds  []differenceKind
	Flow   flow
	Waits  []standing // of the tickets that are not imported
	Fields table[importer.Arrival]
	Lost   int64 // values that were sent and are not there as they were
}

// differenceKind is the differences of one code.
type differenceKind struct {
	Code     string
	Cause    string // what the code means
	Remedy   string
	Count    int64
	Examples []importer.Difference
	Left     int64 // further ones
}

// pageDifferences of each kind are listed.
const pageDifferences = 20

func newVerified(v *importer.Verification, l limits) *verifiedView {
	if v == nil {
		return nil
	}
	out := &verifiedView{Verification: v, Fields: newTable(v.Fields, l), Waits: standings(v.NotImported)}
	t := v.Tickets
	out.Flow = newFlow("tickets", "in the export", t.Export, flowEnd{Name: "the same", Tone: "good", Count: t.Same}, flowEnd{Name: "different", Tone: "bad", Count: t.Different},
		flowEnd{Name: "not imported", Tone: "careful", Count: t.NotImported}, flowEnd{Name: "rejected", Tone: "bad", Count: t.Rejected}, flowEnd{Name: "not sampled", Tone: "skip", Count: t.NotSampled})
	for _, a := range v.Fields {
		out.Lost += a.Sent - a.Arrived
	}
	for _, k := range v.Kinds {
		kind := differenceKind{Code: k.Code, Count: k.Count}
		if e, ok := problem.Lookup(k.Code); ok {
			kind.Cause, kind.Remedy = e.Cause, e.Remedy
		}
		for _, d := range v.Differences {
			if d.Code == k.Code && len(kind.Examples) < min(pageDifferences, l.rows) {
				kind.Examples = append(kind.Examples, d)
			}
		}
		kind.Left = k.Count - int64(len(kind.Examples))
		out.Kinds = append(out.Kinds, kind)
	}
	return out
}
