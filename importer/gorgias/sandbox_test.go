package gorgias_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/gorgias"
	"github.com/deskferry/deskferry/importer/sandbox"
	"github.com/deskferry/deskferry/importer/throttle"
	"github.com/deskferry/deskferry/mapping"
)

// open starts a sandbox and a client of it.
func open(t testing.TB, o sandbox.Options, change ...func(*gorgias.Settings)) (*sandbox.Server, *gorgias.Client) {
	t.Helper()
	srv := sandbox.New(o)
	url, stop, err := srv.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	s := gorgias.Settings{Base: url, User: "import@acme.test", Key: gorgias.NewSecret("k"), Agent: "import@acme.test", Patience: time.Second}
	for _, f := range change {
		f(&s)
	}
	c, err := gorgias.New(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return srv, c
}

// conversation is a ticket of n messages: incoming, outgoing and notes in turn.
func conversation(t testing.TB, key, email string, n int) *importer.Work {
	t.Helper()
	w := &importer.Work{Key: importer.Key(key), ExternalID: key, Ticket: mapping.Ticket{
		Subject: "Où est mon colis ? 📦", Status: "closed", Priority: "high", Channel: "email", Via: "email", Language: "fr",
		Customer:     mapping.Person{Email: email, Name: "Ada Lovelace"},
		AssigneeUser: mapping.Person{Email: "MIA@acme.test"}, AssigneeTeam: "returns",
		Tags: []string{"imported", "vip"}, CustomFields: []mapping.CustomField{{Field: "product", Value: "Teapot"}, {Field: "Nope", Value: "x"}},
		CreatedDatetime: time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC), ClosedDatetime: time.Date(2020, 2, 2, 3, 4, 5, 0, time.UTC),
		Meta: []mapping.Pair{{Name: "rating", Value: "5"}},
	}}
	for i := range n {
		sent, err := mapping.NewSentTime(w.Ticket.CreatedDatetime.Add(time.Duration(i)*time.Minute), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		m := mapping.Message{Channel: "email", Via: "email", Public: true, Author: w.Ticket.Customer, BodyText: fmt.Sprint("message ", i), BodyHTML: fmt.Sprint("<p>message ", i), SentDatetime: sent,
			To: []mapping.Address{{Name: "Acme", Address: "support@acme.test"}}, MessageID: "<1@x>", Headers: []mapping.Pair{{Name: "X-Mailer", Value: "y"}}}
		switch i % 3 {
		case 1:
			m.FromAgent, m.Author, m.To = true, mapping.Person{Email: "mia@acme.test"}, nil
			m.From, m.IntegrationID = mapping.Address{Address: "support@acme.test"}, 71
		case 2:
			m = mapping.Message{Channel: "internal-note", FromAgent: true, Author: mapping.Person{Email: "gone@acme.test", Name: "Gone"}, BodyText: "psst", SentDatetime: sent}
		}
		w.Ticket.Messages = append(w.Ticket.Messages, m)
		w.MessageIDs = append(w.MessageIDs, fmt.Sprintf("%s/%d", key, i))
	}
	return w
}

// bring creates a ticket with its first messages and appends the rest, waiting for a slot before each write.
func bring(ctx context.Context, c *gorgias.Client, w *importer.Work, first int) (importer.TicketID, error) {
	if err := c.Prepare(ctx, w, 0, len(w.MessageIDs)); err != nil {
		return 0, err
	}
	if err := c.Pacer().Wait(ctx); err != nil {
		return 0, err
	}
	req, err := c.Create(w, first)
	if err != nil {
		return 0, err
	}
	st, err := req.Send(ctx)
	if err != nil {
		return 0, err
	}
	if len(st.Messages) != first || st.ExternalID != w.ExternalID {
		return 0, fmt.Errorf("stored %+v", st)
	}
	for i := first; i < len(w.MessageIDs); i++ {
		if err := c.Pacer().Wait(ctx); err != nil {
			return 0, err
		}
		if req, err = c.Append(st.ID, w, i); err != nil {
			return 0, err
		}
		if _, err = req.Send(ctx); err != nil {
			return 0, err
		}
	}
	return st.ID, nil
}

func TestSandboxTakesWhatIsSent(t *testing.T) {
	srv, c := open(t, sandbox.Options{Unknowns: sandbox.Unknowns{SizeAsString: true}})
	ctx := t.Context()
	if err := c.Alive(ctx); err != nil {
		t.Fatal(err)
	}
	if err := c.LoadPeople(ctx, gorgias.Wanted{Customers: slices.Values([]string{"ada@example.com"}), Teams: true, CustomFields: true}); err != nil {
		t.Fatal(err)
	}
	w := conversation(t, "zendesk:7", "Ada@example.com", 7)
	w.Ticket.Messages[0].Attachments = []mapping.Attachment{{Data: "aGk=", Name: "a.txt", ContentType: "text/plain"}, {URL: "https://old.example/b.png", Name: "b.png"}}
	id, err := bring(ctx, c, w, 4)
	if err != nil {
		t.Fatal(err)
	}
	other, err := bring(ctx, c, conversation(t, "zendesk:8", "ada@example.com", 1), 1)
	if err != nil {
		t.Fatal(err)
	}
	st, err := c.Read(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if len(st.Messages) != 7 || st.Status != "closed" || st.Trashed || st.Spam {
		t.Errorf("read %+v", st)
	}
	for i, m := range st.Messages {
		if m.ExternalID != w.MessageIDs[i] || !m.SentDatetime.Equal(w.Ticket.Messages[i].SentDatetime.Time()) || m.Failed {
			t.Errorf("message %d: %+v", i, m)
		}
	}
	if ids, err := c.Find(ctx, "zendesk:7"); err != nil || !slices.Equal(ids, []importer.TicketID{id}) {
		t.Errorf("found %v, %v", ids, err)
	}
	var swept []importer.TicketID
	for f, err := range c.Sweep(ctx, time.Now().Add(-time.Minute)) {
		if err != nil {
			t.Fatal(err)
		}
		swept = append(swept, f.ID)
	}
	slices.Sort(swept)
	if !slices.Equal(swept, []importer.TicketID{id, other}) {
		t.Errorf("swept %v", swept)
	}
	if _, err := c.Read(ctx, 424242); importer.FaultOf(err).Kind != importer.Gone {
		t.Errorf("got %v", err)
	}

	kept := srv.Tickets()[0]
	if kept.AssigneeUserID != 12 || kept.AssigneeTeamID != 32 || len(kept.CustomFields) != 1 || kept.CustomFields[0].ID != 51 ||
		!strings.Contains(string(kept.Meta), `"custom_fields":[{"name":"Nope","value":"x"}]`) {
		t.Errorf("kept %+v", kept)
	}
	if m := kept.Messages[2]; m.SenderID != 11 || !m.Note() || !strings.Contains(string(m.Meta), "gone@acme.test") {
		t.Errorf("note %+v", m)
	}
	if m := kept.Messages[1]; m.SenderID != 12 || m.ReceiverID == 0 || m.IntegrationID != 71 {
		t.Errorf("reply %+v", m)
	}
	if a := kept.Messages[0].Attachments; len(a) != 2 || a[0].Size != 2 || strings.Contains(a[0].URL, "old.example") || a[1].URL != "https://old.example/b.png" {
		t.Errorf("attachments %+v", a)
	}
	got, sent := srv.Stats(), c.Stats()
	if got.Outbox != 0 || got.Tickets != 2 || got.Messages != 8 || got.Customers != 1 {
		t.Errorf("sandbox %+v", got)
	}
	if sent.Requests != got.Requests || sent.Messages != 8 || sent.Sent != 8 || sent.Sendable() != 0 || sent.Refused != 0 {
		t.Errorf("client %+v, sandbox %+v", sent, got)
	}
	if l := c.Losses.All(); len(l) != 2 {
		t.Errorf("losses %+v", l)
	}
}

// What each thing that goes wrong in the sandbox means for a create, and whether it was done.
func TestSandboxFaults(t *testing.T) {
	for _, tt := range []struct {
		fault string
		kind  importer.FaultKind
		doubt bool
		done  int
	}{
		{"503-before on POST", importer.Lost, false, 0},
		{"503-after on POST", importer.Lost, false, 1},
		{"drop-before on POST", importer.Lost, false, 0},
		{"drop-after on POST", importer.Lost, false, 1},
		{"cut-after on POST", importer.Lost, false, 1},
		{"html on POST", importer.Stop, true, 0},
		{"html-after on POST", importer.Stop, true, 1},
		{"redirect on POST", importer.Stop, true, 0},
		{"quota on POST", importer.Stop, false, 0},
		{"429:7s on POST", importer.Limited, false, 0},
		{"413 on POST", importer.TooLarge, false, 0},
		{"401 on POST", importer.Stop, false, 0},
		{"400 on POST", importer.Refused, false, 0},
		{"404 on POST", importer.Stop, false, 0},
		{"409 on POST", importer.Conflict, false, 0},
	} {
		t.Run(tt.fault, func(t *testing.T) {
			faults, err := sandbox.ParseFaults(tt.fault)
			if err != nil {
				t.Fatal(err)
			}
			srv, c := open(t, sandbox.Options{Faults: faults})
			if err := c.LoadPeople(t.Context(), gorgias.Wanted{}); err != nil {
				t.Fatal(err)
			}
			_, err = bring(t.Context(), c, conversation(t, "k:1", "ada@example.com", 3), 3)
			f := importer.FaultOf(err)
			if err == nil || f.Kind != tt.kind || f.Doubtful != tt.doubt || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %s, doubtful %t: %v", f.Kind, f.Doubtful, err)
			}
			if f.Kind == importer.Limited && f.After != 7*time.Second {
				t.Errorf("after %s", f.After)
			}
			requests := int64(2)
			if tt.kind == importer.Conflict { // which may be about the customer, who is looked for
				requests += 2
			}
			if s := srv.Stats(); s.Tickets != tt.done || s.Outbox != 0 || int64(s.Requests) != requests {
				t.Errorf("sandbox %+v", s)
			}
		})
	}
}

// A start that meets an outage waits for it; nothing else asks twice.
func TestSandboxConnect(t *testing.T) {
	faults, err := sandbox.ParseFaults("503@1, drop-before@2")
	if err != nil {
		t.Fatal(err)
	}
	srv, c := open(t, sandbox.Options{Faults: faults}, func(s *gorgias.Settings) { s.Patience = time.Minute })
	if err := c.Connect(t.Context()); err != nil || srv.Stats().Requests != 3 {
		t.Errorf("got %v after %d requests", err, srv.Stats().Requests)
	}
}

func TestSandboxCredentials(t *testing.T) {
	_, c := open(t, sandbox.Options{Credentials: []sandbox.Credential{{User: "import@acme.test", Key: "right"}}})
	err := c.Alive(t.Context())
	if importer.FaultOf(err).Kind != importer.Stop || !strings.Contains(err.Error(), "DESKFERRY_GORGIAS_KEY") {
		t.Errorf("got %v", err)
	}
	_, c = open(t, sandbox.Options{Credentials: []sandbox.Credential{{Token: "tok"}}}, func(s *gorgias.Settings) {
		s.User, s.Key, s.Token = "", gorgias.Secret{}, gorgias.NewSecret("tok")
	})
	if err := c.Alive(t.Context()); err != nil {
		t.Error(err)
	}
}

// With a quota, nothing is refused, and the work takes as long as the bucket leaks.
func TestSandboxQuota(t *testing.T) {
	const tickets, leak = 100, 50.0
	pacer := &throttle.Pacer{Window: time.Duration(80 / leak * float64(time.Second))}
	srv, c := open(t, sandbox.Options{Quota: sandbox.Quota{Bucket: 80, Leak: leak}}, func(s *gorgias.Settings) { s.Pacer = pacer })
	start := time.Now()
	if err := c.Alive(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.LoadPeople(t.Context(), gorgias.Wanted{}); err != nil {
		t.Fatal(err)
	}
	work := make(chan int)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range work {
				if _, err := bring(t.Context(), c, conversation(t, fmt.Sprint("k:", i), "c@example.com", 2), 2); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range tickets {
		work <- i
	}
	close(work)
	wg.Wait()
	s := srv.Stats()
	if s.Throttled > 0 || s.Requests != tickets+2 || s.Tickets != tickets || s.Outbox != 0 {
		t.Errorf("sandbox %+v, pacer %+v", s, pacer.Status())
	}
	if d, least := time.Since(start), (tickets-40)/leak*0.9; d.Seconds() < least {
		t.Errorf("took %s: more than half of the bucket was filled", d)
	}
}

// How many messages a second the client brings over with eight workers, without a quota.
func BenchmarkSandbox(b *testing.B) {
	srv, c := open(b, sandbox.Options{})
	if err := c.LoadPeople(b.Context(), gorgias.Wanted{}); err != nil {
		b.Fatal(err)
	}
	work := make(chan int)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range work {
				w := conversation(b, fmt.Sprint("k:", i), fmt.Sprintf("c%d@example.com", i%500), 4)
				if _, err := bring(b.Context(), c, w, 4); err != nil {
					b.Error(err)
				}
			}
		})
	}
	i := 0
	for b.Loop() {
		work <- i
		i++
	}
	close(work)
	wg.Wait()
	b.ReportMetric(float64(srv.Stats().Messages)/b.Elapsed().Seconds(), "messages/s")
}
