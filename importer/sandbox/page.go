package sandbox

import (
	"bytes"
	_ "embed" // the page and its style
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var pageStyle string

// contentPolicy lets the page load its own style and nothing else; the bodies it shows are hostile.
const contentPolicy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// perPage is how many tickets the page lists at once.
const perPage = 50

// pageData is what the template shows: the list of tickets, one ticket, or the outbox.
type pageData struct {
	Stats   Stats
	Domain  string
	View    string // list, ticket, outbox, missing
	Search  string
	Tickets []ticketLine
	Total   int
	From    int
	To      int
	Older   string
	Newer   string
	Ticket  *ticketPage
	Mails   []mailLine
}

type ticketLine struct {
	ID                                   int64
	Subject, Who, Status, Channel, ExtID string
	Excerpt, When, Day                   string
	Messages                             int
	Tags                                 []string
	Mailed, Spam, Trashed, Unnamed       bool
}

type ticketPage struct {
	ticketLine
	Email, Assignee, Team, Created, Closed string
	Bubbles                                []bubble
}

type bubble struct {
	ID                                     int64
	Side                                   string // in, out, note
	Who, Initial, When, Machine, ExtID, To string
	Channel, Via, Text, HTML, Subject      string
	NewDay                                 string
	Attachments                            []Attachment
	Mailed                                 string
}

type mailLine struct {
	Mail
	When string
}

func (s *Server) servePages(mux *http.ServeMux) {
	page := template.Must(template.New("page").Parse(pageSource))
	show := func(w http.ResponseWriter, status int, d pageData) {
		d.Stats, d.Domain = s.Stats(), s.account.Domain
		var b bytes.Buffer
		if err := page.Execute(&b, d); err != nil {
			fail(w, fmt.Errorf("showing the page: %w", err))
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_, _ = w.Write(b.Bytes())
	}
	mux.HandleFunc("GET /page.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = io.WriteString(w, pageStyle)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		show(w, http.StatusOK, s.listPage(r.URL.Query()))
	})
	mux.HandleFunc("GET /outbox", func(w http.ResponseWriter, _ *http.Request) { show(w, http.StatusOK, s.outboxPage()) })
	mux.HandleFunc("GET /tickets/{id}", func(w http.ResponseWriter, r *http.Request) {
		id, err := pathID(r, "id", "Ticket")
		t := s.ticketPage(id)
		if err != nil || t == nil {
			show(w, http.StatusNotFound, pageData{View: "missing"})
			return
		}
		show(w, http.StatusOK, pageData{View: "ticket", Ticket: t})
	})
}

func (s *Server) listPage(q url.Values) pageData {
	d := pageData{View: "list", Search: q.Get("q")}
	from, err := strconv.Atoi(q.Get("from"))
	if err != nil || from < 0 {
		from = 0
	}
	mailed := s.mailed()
	s.store.mu.Lock() // reading an index may sort it
	defer s.store.mu.Unlock()
	for k := range walk(s.store.updated.keys(), nil, true) {
		t := s.store.tickets[k.id]
		if d.Search != "" && !s.found(t, d.Search) {
			continue
		}
		if d.Total >= from && d.Total < from+perPage {
			d.Tickets = append(d.Tickets, s.line(t, mailed))
		}
		d.Total++
	}
	d.From, d.To = min(from+1, d.Total), min(from+perPage, d.Total)
	link := func(at int) string { return "/?" + url.Values{"q": {d.Search}, "from": {strconv.Itoa(at)}}.Encode() }
	if from > 0 {
		d.Newer = link(max(0, from-perPage))
	}
	if from+perPage < d.Total {
		d.Older = link(from + perPage)
	}
	return d
}

// mailed are the messages in the outbox and why.
func (s *Server) mailed() map[int64]string {
	out := map[int64]string{}
	for _, m := range s.Outbox() {
		out[m.MessageID] = m.Reason
	}
	return out
}

func (s *Server) found(t *Ticket, words string) bool {
	text := t.Subject + "\n" + t.ExternalID + "\n" + strconv.FormatInt(t.ID, 10) + "\n" + strings.Join(t.Tags, "\n")
	if c := s.store.customers[t.CustomerID]; c != nil {
		text += "\n" + c.Name + "\n" + c.Email
	}
	return contains(text, words)
}

// line is a ticket in the list. The caller holds the store's lock.
func (s *Server) line(t *Ticket, mailed map[int64]string) ticketLine {
	out := ticketLine{ID: t.ID, Subject: t.Subject, Status: t.Status, Channel: t.Channel, ExtID: t.ExternalID, Tags: t.Tags,
		Messages: len(t.Messages), Spam: t.Spam, Trashed: !t.TrashedDatetime.IsZero(), Unnamed: t.Subject == "",
		When: readable(t.LastMessageDatetime), Day: t.LastMessageDatetime.UTC().Format("2 Jan 2006")}
	if c := s.store.customers[t.CustomerID]; c != nil {
		out.Who = orWord(c.Name, c.Email)
	}
	if n := len(t.Messages); n > 0 {
		out.Excerpt = orWord(clip(t.Messages[n-1].BodyText, 160), clip(textOf(t.Messages[n-1].BodyHTML), 160))
	}
	out.Mailed = slices.ContainsFunc(t.Messages, func(m *Message) bool { return mailed[m.ID] != "" })
	return out
}

func readable(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2 Jan 2006, 15:04 UTC")
}

func (s *Server) ticketPage(id int64) *ticketPage {
	mailed := s.mailed()
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	t := s.store.tickets[id]
	if t == nil {
		return nil
	}
	out := &ticketPage{ticketLine: s.line(t, mailed), Created: readable(t.CreatedDatetime), Closed: readable(t.ClosedDatetime)}
	if c := s.store.customers[t.CustomerID]; c != nil {
		out.Email = c.Email
	}
	if u := s.account.user(t.AssigneeUserID); u != nil {
		out.Assignee = u.Name
	}
	if team := s.account.team(t.AssigneeTeamID); team != nil {
		out.Team = team.Name
	}
	day := ""
	for _, m := range t.Messages {
		b := s.bubble(m)
		b.Mailed = mailed[m.ID]
		if d := m.SentDatetime.UTC().Format("Monday, 2 January 2006"); d != day {
			day, b.NewDay = d, d
		}
		out.Bubbles = append(out.Bubbles, b)
	}
	return out
}

func (s *Server) bubble(m *Message) bubble {
	out := bubble{ID: m.ID, Side: "in", When: m.SentDatetime.UTC().Format("15:04 UTC"), Machine: m.SentDatetime.UTC().Format(time.RFC3339),
		ExtID: m.ExternalID, Channel: m.Channel, Via: m.Via, Text: m.BodyText, HTML: m.BodyHTML, Subject: m.Subject,
		Attachments: m.Attachments}
	v := s.views()
	from, to := v.customer(m.SenderID), v.customer(m.ReceiverID)
	if m.FromAgent {
		from, out.Side = v.user(m.SenderID), "out"
	}
	if m.Channel == "internal-note" || !m.Public {
		out.Side = "note"
	}
	if out.Who = "unknown"; from != nil {
		out.Who = orWord(string(from.Name), string(from.Email))
	}
	if r := []rune(out.Who); len(r) > 0 {
		out.Initial = strings.ToUpper(string(r[:1]))
	}
	if to != nil {
		out.To = orWord(string(to.Name), string(to.Email))
	}
	if out.Text == "" {
		out.Text = textOf(m.BodyHTML)
	}
	return out
}

func (s *Server) outboxPage() pageData {
	d := pageData{View: "outbox"}
	for _, m := range s.Outbox() {
		if d.Mails = append(d.Mails, mailLine{*m, readable(m.At)}); len(d.Mails) == 500 {
			break
		}
	}
	return d
}
