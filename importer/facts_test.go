package importer_test

import (
	"fmt"
	"testing"

	"github.com/deskferry/deskferry/importer"
)

const factsMapping = `
version: 1
source: { name: desk, timezone: Europe/Paris }
tables:
  status: { neu: open, zu: closed }
people: { agents: ["@acme.test"], unknown: agent, no_email: "desk-{id}@import.invalid" }
tickets:
  ticket:
    external_id: ticket
    subject: subject
    status: { from: status, table: status }
    customer: { id: customer_id, email: customer }
messages:
  message:
    external_id: id
    author: { email: author, name: name }
    internal: note
    channel: { const: email }
    body_text: body
    sent_datetime: sent
    attachments: { each: files, url: url, data: data, name: name, size: size }
ignore: [id]
`

const factsExport = `
{"ticket":1,"id":1,"subject":"A","status":"neu","customer_id":"c1","customer":"ann@x.test","author":"ann@x.test","body":"Hi","sent":"2024-01-05T23:30:00Z","files":[{"url":"https://f.test/a","name":"a","size":5000},{"url":"https://f.test/b","name":"b"}]}
{"ticket":1,"id":2,"author":"mia@acme.test","name":"Mia","body":"Hello","sent":"2024-01-06T08:00:00Z","files":[{"url":"https://f.test/a","name":"a","size":5000}],"colour":"red"}
{"ticket":1,"id":3,"author":"mia@acme.test","note":true,"body":"Vip","sent":"2024-07-06T08:00:00Z","files":[]}
{"ticket":2,"id":4,"subject":"B","status":"zu","customer_id":"c2","author":"bob@acme.test","body":"Note to self","note":true,"sent":"2024-01-07T09:00:00Z","files":[{"data":"aGVsbG8=","name":"h"}]}
{"ticket":3,"id":5,"subject":"C","customer_id":"c3","customer":"cy@x.test","name":"Support bot","body":"Bleep","sent":"2024-01-07T09:59:59Z"}
{"ticket":4,"id":6,"subject":"D","status":"neu","customer_id":"c4","customer":"di@x.test","author":"di@x.test","body":"Hi","sent":"2024-01-08T00:00:00Z"}
{"ticket":4,"id":7,"author":"mia@acme.test","body":"no time"}
`

// TestFacts: what an export looks like is told in full by a check and by a plan, also by one that is used again.
func TestFacts(t *testing.T) {
	j := newJob(t, factsMapping, write(t, "export.ndjson", factsExport))
	s := check(t, j)
	told := func(what string, got any, want string) {
		t.Helper()
		if text := fmt.Sprintf("%+v", got); text != want {
			t.Errorf("%s:\n%s\nwant\n%s", what, text, want)
		}
	}
	told("statuses", s.Statuses, "[{From:neu To:open Tickets:2} {From: To:open Tickets:1} {From:zu To:closed Tickets:1}]")
	told("timezone", s.Timezone, "Europe/Paris")
	told("midnight", s.Hours[0], "{Hour:0 Incoming:1 Outgoing:0 Internal:0}") // 23:30 UTC in winter
	told("one o'clock", s.Hours[1], "{Hour:1 Incoming:1 Outgoing:0 Internal:0}")
	told("nine", s.Hours[9], "{Hour:9 Incoming:0 Outgoing:1 Internal:0}")
	told("ten", s.Hours[10], "{Hour:10 Incoming:0 Outgoing:1 Internal:2}") // 08:00 UTC in summer
	told("lengths", s.Lengths, "[{From:1 To:1 Tickets:3} {From:2 To:2 Tickets:0} {From:3 To:3 Tickets:1}]")
	told("attachments", s.Attachments, "{Files:4 Bytes:10005 Unsized:1 Sizes:[{From:0 To:10240 Files:3}] Distinct:3 DistinctBytes:5005 Carried:1 CarriedBytes:5}")
	told("people", s.People, "{Customers:4 Placeholders:1 Agents:3 Nameless:1 Unknown:1 Undecided:1 Asked:false Matched:0 Fallback:0 Known:0 "+
		"Staff:[{Email: ID: Name:Support bot Tickets:1 User:false} {Email:bob@acme.test ID: Name: Tickets:1 User:false} {Email:mia@acme.test ID: Name:Mia Tickets:1 User:false}]}")
	told("kept", s.Kept[len(s.Kept)-1], "{Input: Path:files[].data To:message.attachments.data Count:1}")
	told("dropped", s.Fields, "[{Input: Path:colour Count:1 Example:red}]")
	told("changed", s.Changed, "[{Field:customer Code:customer.made_up Count:1}]")
	if q := s.Requests; q.Uploads != 3 || q.UploadBytes != 5005 || q.Billable != 2 || q.Planned != q.Creates+q.Appends+q.Lookups+q.Probes+q.Uploads {
		t.Errorf("requests %+v", q)
	}

	store := &fakeStore{}
	if staged := stage(t, j, &fakePlanner{}, store); comparable(staged) != comparable(s) {
		t.Errorf("staged\n%s\nchecked\n%s", comparable(staged), comparable(s))
	}
	j.Source = nil
	again := stage(t, j, &fakePlanner{}, store)
	if comparable(again) != comparable(s) {
		t.Errorf("from the sealed plan\n%s\nchecked\n%s", comparable(again), comparable(s))
	}
	again.Match(func(email string) bool { return email == "mia@acme.test" }, 2)
	if p := again.People; !p.Asked || p.Matched != 1 || p.Fallback != 2 || p.Known != 2 || !p.Staff[2].User || p.Staff[1].User {
		t.Errorf("matched %+v", p)
	}
	again.Lost([]importer.ProblemSum{{Code: "team.unknown", Severity: "warning", Field: "assignee_team", Count: 7}, {Code: "customer.is_agent", Field: "customer", Count: 1}})
	told("changed with losses", again.Changed, "[{Field:assignee_team Code:team.unknown Count:7} {Field:customer Code:customer.made_up Count:1}]")

	j = newJob(t, factsMapping, write(t, "export.ndjson", factsExport))
	j.LinkFiles = true
	if q := check(t, j).Requests; q.Uploads != 1 || q.UploadBytes != 5 {
		t.Errorf("files are left where they are: %+v", q)
	}
}
