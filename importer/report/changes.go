package report

import (
	"fmt"

	"github.com/deskferry/deskferry/importer"
)

// changes tells what had changed in the source since an earlier run, and what became of it; nothing where nothing had.
func changes(s *importer.Summary) []fact {
	y := s.Sync
	if y == nil {
		y = &importer.SyncSums{}
	}
	var out []fact
	for _, c := range []struct {
		name       string
		n          int64
		noun, note string
	}{
		{"longer", y.Longer, "ticket", "of those imported, which were there before and got more messages"},
		{"updated", y.Updated, "ticket", "got the status, tags or assignee of the source"},
		{"conflicts", y.Conflicts, "ticket", "changed on both sides: Gorgias keeps what it has"},
		{"unwritten", y.Unwritten, "ticket", "changed in the source in a way that could not be written"},
		{"touched", y.Touched, "ticket", "held with their new messages, as people have worked on them in Gorgias"},
		{"deleted", y.Deleted, "ticket", "no longer in the source, deleted from Gorgias"},
		{"gone", max(0, y.Removed-y.Left), "ticket", "no longer in the source, left alone"},
		{"not deleted", y.Left, "ticket", "no longer in the source, left as somebody has touched them"},
		{"merged", y.Merged, "message", "of merged tickets, in Gorgias already"},
		{"edited", s.Differs, "message", "changed in the source since the import, left alone"},
		{"removed", s.Removed, "message", "no longer in the export, left alone"},
	} {
		if c.n > 0 {
			out = append(out, fact{c.name, plural(c.n, c.noun), c.note})
		}
	}
	return out
}

// synced are the numbers of a verdict that only a sync has, each with a comma after it; "" for an import.
func synced(y *importer.SyncSums) (text string) {
	if y == nil {
		return ""
	}
	if y.Updated > 0 {
		text += fmt.Sprintf("%s updated, ", number(y.Updated))
	}
	if y.Deleted > 0 {
		text += fmt.Sprintf("%s deleted, ", number(y.Deleted))
	}
	return text
}
