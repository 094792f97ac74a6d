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

	"github.com/deskferry/deskferry/importer/conversation"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var pageStyle string

// contentPolicy lets the page load its own style and nothing else; the bodies it shows are hostile. What stands in its line is
// also that of the frames they are shown in, whose styles and data: images load nothing either.
const contentPolicy = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

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
	Talk template.HTML
}

type mailLine struct {
	Mail
	When string
}

func (s *Server) servePages(mux *http.ServeMux) {
	page := template.Must(template.New("page").Parse(pageSource))
	drawer := conversation.New()
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
		_, _ = io.WriteString(w, pageStyle+string(conversation.Style()))
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		show(w, http.StatusOK, s.listPage(r.URL.Query()))
	})
	mux.HandleFunc("GET /outbox", func(w http.ResponseWriter, _ *http.Request) { show(w, http.StatusOK, s.outboxPage()) })
	mux.HandleFunc("GET /tickets/{id}", func(w http.ResponseWriter, r *http.Request) {
		id, err := pathID(r, "id", "Ticket")
		line, talk := s.ticketPage(id)
		if err != nil || talk == nil {
			show(w, http.StatusNotFound, pageData{View: "missing"})
			return
		}
		drawn, err := drawer.HTML(talk)
		if err != nil {
			fail(w, err)
			return
		}
		show(w, http.StatusOK, pageData{View: "ticket", Ticket: &ticketPage{line, drawn}})
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
		out.Excerpt = orWord(clip(t.Messages[n-1].BodyText, 160), clip(conversation.Text(t.Messages[n-1].BodyHTML), 160))
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

func (s *Server) outboxPage() pageData {
	d := pageData{View: "outbox"}
	for _, m := range s.Outbox() {
		if d.Mails = append(d.Mails, mailLine{*m, readable(m.At)}); len(d.Mails) == 500 {
			break
		}
	}
	return d
}
