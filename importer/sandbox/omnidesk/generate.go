package omnidesk

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Generate makes a helpdesk of n tickets that could be that of a Dutch bicycle shop: e-mails, chats, calls, contact forms and
// posts in Dutch and English, with notes, events, agents, and customers of whom some have no e-mail. A seventh of the tickets is archived.
// It holds what makes reading hard: timelines in mixed order, notes that share their id with an event, entries of types
// nobody documented and entries without content. The same seed and n give the same helpdesk. All of it lies between 2021 and 2025.
func Generate(seed uint64, n int) Helpdesk {
	g := &generator{r: rand.New(rand.NewPCG(seed, 2)), at: time.Date(2021, 3, 1, 7, 30, 0, 0, time.UTC), event: 40000, message: 70000,
		pace: time.Minute}
	if n > 5000 { // a busier shop, not one from the future
		g.pace = g.pace * 5000 / time.Duration(n)
	}
	g.out.Channels = DefaultChannels()
	g.people()
	for i := range n {
		t := g.ticket(i)
		t.Archived = i < n/7
		if i < n-n/10 && t.Status != "closed" && t.Status != "solved" {
			t.Status, t.Closed = "solved", t.Updated
		}
		g.out.Tickets = append(g.out.Tickets, t)
	}
	return g.out
}

type generator struct {
	r                          *rand.Rand
	out                        Helpdesk
	at                         time.Time // of the ticket before
	pace                       time.Duration
	event, message, note, file int64 // last ids, which are unique per kind only
}

const (
	ownMail    = "service@noorderlicht.test"
	firstID    = 858400
	firstAgent = 250
)

func pick[T any](g *generator, from []T) T { return from[g.r.IntN(len(from))] }

// one tells whether something happens that happens once in n times.
func (g *generator) one(n int) bool { return g.r.IntN(n) == 0 }

func (g *generator) people() {
	for i, name := range []string{"Marleen Smit", "Joost Hendriks", "Fatima Yılmaz", "Pieter Jansma", "Grace Okafor", "Tobias Lund"} {
		first, last, _ := strings.Cut(name, " ")
		g.out.Users = append(g.out.Users, User{ID: firstAgent + int64(i), Name: strings.ToLower(first), FirstName: first, LastName: last,
			Email: strings.ToLower(first) + "@noorderlicht.test", Phone: fmt.Sprintf("+3138000010%d", i), Inactive: i == 5})
	}
}

// customer makes a new customer, or takes one who wrote before.
func (g *generator) customer(t texts, channel int) Customer {
	if len(g.out.Customers) > 20 && g.one(3) {
		for range 5 {
			if c := pick(g, g.out.Customers); c.LanguageID == t.language && (c.Email != "" || channel != 1) {
				return c
			}
		}
	}
	n := len(g.out.Customers)
	c := Customer{ID: 626800 + int64(n), BrandID: 2, BrandName: "Noorderlicht", FirstName: pick(g, t.first), LastName: pick(g, t.last), LanguageID: t.language}
	if !g.one(4) {
		c.PrimaryID = fmt.Sprintf("K%05d", 20000+n*7)
	}
	if channel == 1 || channel == 8 && !g.one(3) || g.one(2) {
		c.Email = fmt.Sprintf("%s%d@example.%s", plainWord(c.FirstName), n, pick(g, []string{"org", "com", "net"}))
	}
	if channel == 3 || channel == 10 || g.one(3) {
		c.Phone = fmt.Sprintf("+316000%05d", n)
	}
	g.out.Customers = append(g.out.Customers, c)
	return c
}

// plainWord is the ASCII letters of a name, in lower case.
func plainWord(s string) string {
	out := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(s))
	if out == "" {
		return "klant"
	}
	return out
}

// talk is a ticket in the making.
type talk struct {
	g      *generator
	t      Ticket
	say    texts
	about  topic
	who    Customer
	agent  User
	words  *strings.Replacer
	at     time.Time
	lastIn int64 // the last e-mail of the customer
}

func (g *generator) ticket(i int) Ticket {
	g.at = g.at.Add(time.Duration(5+g.r.IntN(170)) * g.pace)
	if h := g.at.Hour(); h > 19 {
		g.at = g.at.Add(time.Duration(31-h) * time.Hour) // the shop sleeps
	}
	w := &talk{g: g, say: dutch(), at: g.at.Add(time.Duration(g.r.IntN(60)) * time.Second), agent: pick(g, g.out.Users)}
	if g.one(3) {
		w.say = english()
	}
	channel := pick(g, []int{1, 1, 1, 1, 1, 1, 1, 1, 8, 8, 3, 3, 9, 9, 10, 5, 7, 12})
	w.who, w.about = g.customer(w.say, channel), pick(g, w.say.topics)
	order, product := fmt.Sprintf("NL-%d", 300100+g.r.IntN(80000)), pick(g, products())
	w.words = strings.NewReplacer("{order}", order, "{product}", product, "{name}", w.who.Name(), "{agent}", w.agent.FirstName,
		"{date}", w.at.In(amsterdam()).Format("02-01-2006 15:04"), "{mail}", w.who.Email)
	w.t = Ticket{ID: firstID + int64(i), Title: w.words.Replace(w.about.subject), Status: "new", Priority: pick(g, []string{"medium", "medium", "medium", "high", "low"}),
		Direction: "inbound", BrandID: 2, BrandName: "Noorderlicht", ChannelID: channel, AccountID: "0", From: w.address(), FromName: w.who.Name(),
		To: ownMail, CustomerID: w.who.ID, GroupID: 10003, ExternalID: fmt.Sprintf("%08X-6E3F-2244-93EE.%d", g.r.Uint32(), i%3+1),
		ExternalURL: fmt.Sprintf("https://orders.noorderlicht.test/?order=%s#%d", order, i), Created: w.at}
	if w.who.BrandID == 2 && g.one(6) {
		w.t.BrandID, w.t.BrandName = 3, "Noorderlicht Zakelijk"
	}
	w.event("assigned_group_id", "10003", "Assigned to Service", "trigger: Assign to service")
	switch channel {
	case 8:
		w.chat()
	case 3:
		w.call()
	case 9:
		w.form()
	default:
		w.letters()
	}
	w.end(i)
	return w.t
}

// address is how the customer appears: an e-mail, else a phone number, else a name.
func (w *talk) address() string {
	switch {
	case w.t.ChannelID == 3 && w.who.Phone != "", w.who.Email == "" && w.who.Phone != "":
		return w.who.Phone
	case w.who.Email != "":
		return w.who.Email
	}
	return w.who.Name()
}

func (w *talk) later(minutes int) {
	w.at = w.at.Add(time.Duration(1+w.g.r.IntN(minutes*60)) * time.Second)
}

// work lets time pass until an agent gets to it, who is there from eight to seven.
func (w *talk) work(minutes int) {
	w.later(minutes)
	if h := w.at.Hour(); h < 7 || h > 17 {
		w.at = w.at.Truncate(24 * time.Hour).Add(time.Duration(24*(h/18)+7)*time.Hour + time.Duration(w.g.r.IntN(5400))*time.Second)
	}
}

func (w *talk) add(e Entry) {
	e.Created = w.at
	if e.IsMessage() {
		w.g.message++
		e.ID = w.g.message
	}
	w.t.Timeline = append(w.t.Timeline, e)
	w.t.Updated = w.at
	switch e.Direction {
	case "inbound":
		w.t.UpdatedByCustomer = w.at
	case "outbound":
		w.t.UpdatedByAgent = w.at
	}
}

func (w *talk) event(kind, value, description, by string) {
	w.g.event++
	w.add(Entry{Type: TypeEvent, ID: w.g.event, ItemType: kind, ItemTypeID: value, Description: description, InitiatedBy: by})
}

// note writes an internal note. It takes an event's id where that is free.
func (w *talk) note(text string) {
	w.g.note = max(w.g.note+1, w.t.Timeline[0].ID)
	meta := "[]"
	if w.g.one(3) {
		meta = `{"mentions":[` + strconv.FormatInt(w.agent.ID, 10) + `],"bron":"werkbon \u00a7 7"}`
	}
	w.add(Entry{Type: TypeNote, ID: w.g.note, Content: w.words.Replace(text), UserID: w.agent.ID, UserName: w.agent.Name, StatusNew: w.t.Status,
		Pinned: w.g.one(8), MetaData: meta})
}

func (w *talk) inbound(kind, text string) {
	w.add(Entry{Type: kind, Content: w.words.Replace(text), ChannelID: w.t.ChannelID, Direction: "inbound", From: w.t.From, FromName: w.who.Name(),
		To: w.t.To, StatusNew: w.t.Status, Subject: w.t.Title})
	w.lastIn = w.g.message
}

func (w *talk) outbound(kind, text string) *Entry {
	w.add(Entry{Type: kind, Content: text, ChannelID: w.t.ChannelID, Direction: "outbound", From: w.t.To, FromName: w.agent.FirstName, To: w.t.From,
		ToName: w.who.Name(), UserID: w.agent.ID, UserName: w.agent.Name, StatusNew: w.t.Status, Subject: "Re: " + w.t.Title, AnswersID: w.lastIn})
	return &w.t.Timeline[len(w.t.Timeline)-1]
}

func (w *talk) take() {
	w.work(240)
	w.t.UserID, w.t.Status = w.agent.ID, "open"
	w.event("assigned_user_id", strconv.FormatInt(w.agent.ID, 10), "Assigned to "+w.agent.FirstName, "user: "+w.agent.Name)
}

func (w *talk) solve() {
	w.work(90)
	w.t.Status, w.t.Closed = pick(w.g, []string{"solved", "solved", "solved", "closed"}), w.at
	w.event("status", w.t.Status, "Status changed to "+w.t.Status, "user: "+w.agent.Name)
}

func (w *talk) chat() {
	w.inbound(TypeMessage, w.about.chat)
	w.take()
	for _, line := range []string{w.about.answer, w.about.more, "👍", w.about.thanks}[:2+w.g.r.IntN(3)] {
		w.later(3)
		if line == w.about.answer || line == "👍" {
			w.outbound(TypeMessage, w.words.Replace(line))
		} else {
			w.inbound(TypeMessage, line)
		}
	}
	w.solve()
}

func (w *talk) call() {
	w.later(20)
	if w.g.one(4) {
		w.outbound(TypeCall, w.words.Replace(w.about.call))
	} else {
		w.inbound(TypeCall, w.about.call)
	}
	w.take()
	if w.g.one(2) {
		w.note(w.about.note)
	}
	w.solve()
}

func (w *talk) form() {
	w.t.FormID = 4
	text := strings.NewReplacer("{subject}", w.about.subject, "{question}", w.about.question).Replace(w.say.form)
	w.inbound(TypeContactForm, text)
	if w.g.one(5) {
		return // nobody has answered yet
	}
	w.take()
	w.work(600)
	w.letter(w.about.answer)
	w.solve()
}

func (w *talk) letters() {
	w.inbound(TypeMessage, w.about.question)
	if w.g.one(9) {
		return
	}
	w.take()
	if w.g.one(2) {
		w.work(30)
		w.note(w.about.note)
	}
	w.work(900)
	w.letter(w.about.answer)
	for range w.g.r.IntN(3) {
		w.later(2000)
		w.inbound(TypeMessage, w.about.more)
		w.work(500)
		w.letter(w.about.answer)
	}
	if w.g.one(2) {
		w.later(3000)
		w.inbound(TypeMessage, w.about.thanks)
	}
	if !w.g.one(10) {
		w.solve()
	}
}

// letter is an agent's answer: an e-mail as HTML with the question quoted, sometimes with a file, elsewhere plain text.
func (w *talk) letter(text string) {
	plain := w.words.Replace(w.say.greeting + "\n\n" + text + "\n\n" + w.say.closing + "\n{agent}\n" + w.say.signature)
	if w.t.ChannelID != 1 || w.g.one(3) {
		w.outbound(TypeMessage, plain)
		return
	}
	quote := w.words.Replace(w.say.quoted) + "\n" + w.words.Replace(w.about.question)
	e := w.outbound(TypeMessage, "<div><p>"+strings.ReplaceAll(escape(plain), "\n", "<br>")+"</p><blockquote>"+strings.ReplaceAll(escape(quote), "\n", "<br>")+"</blockquote></div>")
	e.Plain = plain + "\n\n> " + strings.ReplaceAll(quote, "\n", "\n> ")
	if w.g.one(5) {
		e.Cc = []string{"administratie@noorderlicht.test"}
	}
	if strings.Contains(text, "bijlage") || strings.Contains(text, "attached") {
		w.attach(e)
	}
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "é", "&eacute;", "'", "&#39;").Replace(s)
}

func (w *talk) attach(e *Entry) {
	w.g.file++
	e.Attachments = append(e.Attachments, File{ID: w.g.file, Name: fmt.Sprintf("factuur %d – €.pdf", w.g.file), ContentType: "application/pdf",
		Data: fmt.Appendf(nil, "%%PDF-1.4\n%% %s\n%%%%EOF\n", w.t.Title)})
}

// end adds what is odd, and puts the timeline into an order nobody promised.
func (w *talk) end(i int) {
	switch i % 50 {
	case 11: // a type nobody documented, with content
		w.later(3000)
		w.inbound("survey", "Cijfer: 9 – fijn geholpen!")
	case 23: // another, without
		w.add(Entry{Type: "callback_request", ChannelID: 3, Direction: "inbound", From: w.who.Phone})
	case 37: // an e-mail that is an attachment and nothing else
		if w.t.ChannelID == 1 {
			w.inbound(TypeMessage, "")
			w.attach(&w.t.Timeline[len(w.t.Timeline)-1])
		}
	}
	switch w.g.r.IntN(3) {
	case 0:
		slices.Reverse(w.t.Timeline)
	case 1: // events behind everything else
		slices.SortStableFunc(w.t.Timeline, func(a, b Entry) int {
			if (a.Type == TypeEvent) == (b.Type == TypeEvent) {
				return 0
			}
			if a.Type == TypeEvent {
				return 1
			}
			return -1
		})
	}
}
