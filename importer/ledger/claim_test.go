package ledger

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestClaimsUseIndexes holds that no claim reads the whole table: it is made once for every few tickets.
func TestClaimsUseIndexes(t *testing.T) {
	l, err := Open(filepath.Join(t.TempDir(), "deskferry.db"), Options{Target: "https://acme.gorgias.com"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, query := range []string{claimAsking, claimDue, claimOpen, firstDoubt} {
		rows, err := l.db.Query("explain query plan "+query, make([]any, strings.Count(query, "?"))...)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(detail, "INDEX ticket_") {
				t.Errorf("%s: %s", query, detail)
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
}
