package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestIntegrationsAreListedOnce: one request for a run, and none where no message is an e-mail or nothing is left to write.
func TestIntegrationsAreListedOnce(t *testing.T) {
	for channel, want := range map[string]int64{"email": 1, "chat": 0} {
		t.Run(channel, func(t *testing.T) {
			r := newRig(t, "")
			export, file := filepath.Join(r.dir, "export.csv"), filepath.Join(r.dir, "m.yaml")
			write(t, export, "ticket,id,subject,status,customer,author,note,body,sent\n"+
				"1,1,S,open,a@example.com,a@example.com,no,text,2020-01-01T00:00:00Z\n2,2,S,open,b@example.com,b@example.com,no,text,2020-01-01T00:00:00Z\n")
			write(t, file, strings.Replace(promiseMapping, "const: email", "const: "+channel, 1))
			line := r.command("import", "--from", export, "--mapping", file, "--integration", "*=support@acme.test")
			s, code := r.run(line)
			if code != exitDone || s.Requests.Made > s.Requests.Planned {
				t.Fatalf("exit %d, %+v", code, s.Requests)
			}
			r.run(line)
			if n := r.account.Stats().Endpoints["GET /api/integrations"]; n != want {
				t.Errorf("%d requests for integrations, want %d", n, want)
			}
		})
	}
}

func TestMailboxTable(t *testing.T) {
	for _, bad := range []string{"", "=", "a@b.test", "a@b.test=", "=a@b.test", "a@b.test=@c.test", "b.test=a@b.test", "*=*", "@=a@b.test", "a b@c.test=a@b.test"} {
		if table, err := mailboxTable([]string{bad}); err == nil {
			t.Errorf("%q is taken: %v", bad, table)
		}
	}
	table, err := mailboxTable([]string{" Old@B.test = New@A.test", "@c.test=new@a.test", "*=x@a.test", "*=X@a.test"})
	if err != nil || len(table) != 3 || table["old@b.test"] != "new@a.test" || table["*"] != "x@a.test" {
		t.Errorf("%v, %v", table, err)
	}
}
