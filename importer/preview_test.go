package importer_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/mapping"
)

const uglyMapping = `
version: 1
source: { name: desk, timezone: UTC }
tables:
  status: { open: open, pending: open, closed: closed }
people: { agents: ["@acme.test"], unknown: customer, no_email: "desk-{id}@import.invalid" }
tickets:
  ticket:
    external_id: ticket
    subject: subject
    status: { from: status, table: status }
    channel: { const: email }
    customer: customer
messages:
  message:
    external_id: id
    author: author
    channel: channel
    internal: internal
    body_html: html
    body_text: text
    cc: { from: cc, split: "," }
    attachments: { from: files, split: "|" }
    sent_datetime: sent
`

const uglyRows = `ticket,id,subject,status,customer,author,channel,internal,html,text,cc,files,sent
plain,1,Parcel,open,ann@x.test,ann@x.test,email,no,,Where is it?,,,2024-01-01T10:00:00Z
plain,2,Parcel,open,ann@x.test,mia@acme.test,email,no,,On its way,,,2024-01-01T11:00:00Z
plain,3,Parcel,open,ann@x.test,ann@x.test,email,no,,Thanks,,,2024-01-01T12:00:00Z
big,4,Big,pending,bob@x.test,bob@x.test,email,no,,BIG,,,2024-02-01T10:00:00Z
notes,5,Note,closed,cyd@x.test,mia@acme.test,email,yes,,just us,,,2024-02-02T10:00:00Z
phone,6,Call,closed,77,77,phone,no,,called,,,2024-02-03T10:00:00Z
rtl,7,طلب,open,dan@x.test,dan@x.test,chat,no,,שלום עולם,,,2024-02-04T10:00:00Z
emoji,8,Fun,open,eve@x.test,eve@x.test,chat,no,,so nice 🎉,,,2024-02-05T10:00:00Z
script,9,Odd,open,fay@x.test,fay@x.test,email,no,<p onclick="x()">hi</p><script>1</script>,,,,2024-02-06T10:00:00Z
files,10,Files,open,gus@x.test,gus@x.test,email,no,,see files,ivy@x.test,https://f.test/a.png|https://f.test/b.png,2024-02-07T10:00:00Z
old,11,Old,closed,hal@x.test,hal@x.test,email,no,,long ago,,,2010-02-07T10:00:00Z
new,12,,open,hal@x.test,hal@x.test,email,no,,just now,,,2025-12-07T10:00:00Z
bad,13,Bad,open,joe@x.test,joe@x.test,email,no,,fine,,,2024-02-08T10:00:00Z
bad,14,Bad,open,joe@x.test,joe@x.test,email,no,,not fine,,,never
none,15,Gone,open,,mia@acme.test,email,yes,,nobody,,,2024-02-09T10:00:00Z
`

func uglyExport(t *testing.T) string {
	t.Helper()
	return write(t, "ugly.csv", strings.Replace(uglyRows, "BIG", `"`+strings.Repeat("lorem ipsum dolor sit amet\n", 200)+`"`, 1))
}

// picking is a job that chooses tickets for the preview.
func picking(t *testing.T, text, path string) *importer.Job {
	j := newJob(t, text, path)
	j.Pick = true
	return j
}

func picked(s *importer.Summary) map[string][]string {
	all := map[string][]string{}
	for _, p := range s.Picks {
		all[p.Ticket] = p.Why
	}
	return all
}

func TestPicks(t *testing.T) {
	path := uglyExport(t)
	j := picking(t, uglyMapping, path)
	s := check(t, j)
	got := picked(s)
	for ticket, why := range map[string]string{
		"plain": "longest", "big": "biggest message", "notes": "notes only", "phone": "no e-mail", "rtl": "right-to-left", "emoji": "emoji",
		"script": "markup was cleaned", "files": "most attachments", "old": "oldest", "new": "newest", "bad": "held: incomplete", "none": "rejected",
	} {
		if !slices.Contains(got[ticket], why) {
			t.Errorf("%s is picked for %q, want %q", ticket, got[ticket], why)
		}
	}
	for ticket, why := range map[string]string{"files": "copies to others", "new": "no subject", "phone": "channel phone", "big": "status pending → open"} {
		if !slices.Contains(got[ticket], why) {
			t.Errorf("%s is picked for %q, want %q too", ticket, got[ticket], why)
		}
	}
	for _, lanes := range []int{1, 3} {
		j := picking(t, uglyMapping, path)
		j.Lanes = lanes
		if again := check(t, j); !reflect.DeepEqual(again.Picks, s.Picks) {
			t.Errorf("with %d lanes other tickets are picked:\n%v\n%v", lanes, again.Picks, s.Picks)
		}
	}
	staged, err := picking(t, uglyMapping, path).Stage(context.Background(), &fakePlanner{}, &fakeStore{})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(staged.Picks, s.Picks) {
		t.Errorf("an import picks other tickets:\n%v\n%v", staged.Picks, s.Picks)
	}
}

func previews(t *testing.T, j *importer.Job) map[string]importer.Preview {
	t.Helper()
	s := check(t, j)
	list, err := j.Previews(context.Background(), s.Picks)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]importer.Preview{}
	for i, p := range list {
		if !reflect.DeepEqual(p.Pick, s.Picks[i]) {
			t.Errorf("preview %d is of %v, want %v", i, p.Pick, s.Picks[i])
		}
		if len(p.Work.Ticket.Messages) != len(p.Cut) || len(p.Work.MessageIDs) != len(p.Cut) {
			t.Errorf("%s: %d messages, %d ids, %d cuts", p.Ticket, len(p.Work.Ticket.Messages), len(p.Work.MessageIDs), len(p.Cut))
		}
		all[p.Ticket] = p
	}
	return all
}

func TestPreviews(t *testing.T) {
	all := previews(t, picking(t, uglyMapping, uglyExport(t)))
	plain := all["plain"]
	if m := plain.Work.Ticket.Messages; len(m) != 3 || m[1].BodyText != "On its way" || !m[1].FromAgent || m[1].BodyHTML == "" || plain.Cut[1] || plain.Left != 0 {
		t.Errorf("plain is %+v", plain.Work.Ticket)
	}
	if r := plain.Records; len(r) != 3 || !strings.HasSuffix(r[0].Origin, "ugly.csv:2") || !strings.Contains(r[0].Text, "text: Where is it?\n") || r[0].Cut {
		t.Errorf("its records are %+v", r)
	}
	if m := all["script"].Work.Ticket.Messages[0]; strings.Contains(m.BodyHTML, "onclick") || !strings.Contains(m.BodyHTML, "hi") {
		t.Errorf("script's body is %q: it is not what is sent", m.BodyHTML)
	}
	if m := all["files"].Work.Ticket.Messages[0]; len(m.Attachments) != 2 || m.Attachments[0].URL != "https://f.test/a.png" || len(m.Cc) != 1 {
		t.Errorf("files has %+v", m)
	}
	if p := all["bad"]; p.State != mapping.Incomplete || len(p.Problems) == 0 || p.Problems[0].Code != "sent_datetime.unreadable" || len(p.Records) != 2 {
		t.Errorf("bad is %+v", p)
	}
	if p := all["none"]; p.State != mapping.TicketRejected || p.Work == nil || len(p.Records) != 1 {
		t.Errorf("none is %+v", p)
	}
}

// The limits hold whatever the order the messages come in: those that are sent first are shown.
func TestPreviewLimits(t *testing.T) {
	var b strings.Builder
	b.WriteString("ticket,id,subject,status,customer,author,channel,internal,html,text,cc,files,sent\n")
	for i := range 300 {
		n := 299 - i
		fmt.Fprintf(&b, "long,%d,Long,open,ann@x.test,ann@x.test,email,no,,\"%d %s\",,,2024-01-01T%02d:%02d:00Z\n", n, n, strings.Repeat("ö", 500), n/60, n%60)
	}
	for i := range 10 {
		fmt.Fprintf(&b, "huge,h%d,Huge,open,bob@x.test,bob@x.test,email,no,,\"%s\",,,2024-01-02T00:%02d:00Z\n", i, strings.Repeat("é", 100<<10), i)
	}
	all := previews(t, picking(t, uglyMapping, write(t, "long.csv", b.String())))
	long := all["long"]
	if n := len(long.Work.Ticket.Messages); n != 50 || long.Left != 250 || len(long.Records) != 50 || long.Further != 250 {
		t.Fatalf("long has %d messages, %d left, %d records, %d further", n, long.Left, len(long.Records), long.Further)
	}
	for i, r := range long.Records { // the file has the last message first
		if !strings.Contains(r.Text, fmt.Sprintf("text: %d ö", i)) {
			t.Fatalf("record %d is %s, %.40q", i, r.Origin, r.Text)
		}
	}
	for i := range long.Work.Ticket.Messages {
		if m := &long.Work.Ticket.Messages[i]; !strings.HasPrefix(m.BodyText, fmt.Sprintf("%d ö", i)) || long.Cut[i] {
			t.Fatalf("message %d begins with %.20q, cut %v", i, m.BodyText, long.Cut[i])
		}
	}
	huge, size := all["huge"], 0
	for i := range huge.Work.Ticket.Messages {
		m := &huge.Work.Ticket.Messages[i]
		size += len(m.BodyText)
		if !huge.Cut[i] || len(m.BodyText) > 64<<10 || len(m.BodyHTML) > 64<<10 {
			t.Errorf("message %d of huge: cut %v, %d and %d bytes", i, huge.Cut[i], len(m.BodyText), len(m.BodyHTML))
		}
	}
	for _, r := range huge.Records {
		size += len(r.Text)
		if !r.Cut || len(r.Text) > 32<<10 {
			t.Errorf("record %s: cut %v, %d bytes", r.Origin, r.Cut, len(r.Text))
		}
	}
	if len(huge.Work.Ticket.Messages) != 10 || size > 384<<10 || size < 192<<10 {
		t.Errorf("huge has %d messages and %d bytes", len(huge.Work.Ticket.Messages), size)
	}
}

// Times that only the whole input settles, and a document that is a whole ticket.
func TestPreviewsOfSamples(t *testing.T) {
	settled := strings.ReplaceAll(smallHead+goodRows, "T10:00:00Z", " 10:00")
	settled = strings.ReplaceAll(strings.ReplaceAll(settled, "T11:00:00Z", " 11:00"), "2024-01-01", "13/01/2024")
	settled = strings.NewReplacer("2024-02-01", "01/02/2024", "2024-03-01", "01/03/2024").Replace(settled)
	if all := previews(t, picking(t, smallMapping, write(t, "export.csv", settled))); len(all) != 3 || len(all["1"].Work.Ticket.Messages) != 2 {
		t.Errorf("the previews are %+v", all)
	}
	text, err := os.ReadFile(filepath.Join("..", "testdata", "helpdesk.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	all := previews(t, picking(t, string(text), filepath.Join("..", "testdata", "helpdesk.json")))
	for id, p := range all {
		if len(p.Records) == 0 || !strings.Contains(p.Records[0].Text, "\n  \"") {
			t.Errorf("%s: the records are %+v", id, p.Records)
		}
	}
	if len(all) == 0 {
		t.Error("no previews")
	}
}
