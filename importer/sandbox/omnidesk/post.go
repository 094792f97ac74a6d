package omnidesk

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

var (
	typePattern   = regexp.MustCompile(`^([0-9]+|calllog|contactform)$`)
	sendAtPattern = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$`)
	// statuses are those submitStatus takes here; which ones a real account takes is unknown.
	statuses = []string{"new", "open", "pending", "on-hold", "solved", "closed"}
)

// form is a body of multipart/form-data: the values of each field, in order.
type form map[string][]string

const (
	maxFields = 1000
	maxField  = 8 << 20
)

// readForm takes a body apart. Files are read as values: no field of this API is a file.
func readForm(r *http.Request) (form, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, errors.New("the body must be multipart/form-data")
	}
	out := form{}
	parts := multipart.NewReader(r.Body, params["boundary"])
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF { // wrapped: the body ends before its last boundary
			return out, nil
		}
		if err != nil {
			return nil, errors.New("the body is not valid multipart/form-data")
		}
		if n >= maxFields {
			return nil, errors.New("the body has too many fields")
		}
		value, err := io.ReadAll(io.LimitReader(part, maxField+1))
		if err != nil {
			return nil, errors.New("the body is not valid multipart/form-data")
		}
		name := part.FormName()
		if name == "" || len(value) > maxField {
			return nil, errors.New("a field has no name or is too large")
		}
		out[name] = append(out[name], string(value))
	}
}

// first is a field's first value, without the spaces around it.
func (f form) first(name string) string {
	if v := f[name]; len(v) > 0 {
		return strings.TrimSpace(v[0])
	}
	return ""
}

// number reads a whole number that is not negative; 0 when the field is empty.
func (f form) number(name string) (int64, *reply) {
	text := f.first(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, invalid("Parameter %s is invalid: %q", name, text)
	}
	return n, nil
}

// numbers reads a list, as repeated fields with or without [] or an index, or as a JSON array in one.
func (f form) numbers(name string) ([]int64, *reply) {
	var out []int64
	var names []string
	for key := range f {
		if key == name || strings.HasPrefix(key, name+"[") && strings.HasSuffix(key, "]") {
			names = append(names, key)
		}
	}
	slices.Sort(names)
	for _, key := range names {
		for _, text := range f[key] {
			text = strings.TrimSpace(text)
			if text == "" {
				continue
			}
			if strings.HasPrefix(text, "[") {
				var list []int64
				if json.Unmarshal([]byte(text), &list) != nil {
					return nil, invalid("Parameter %s is invalid: %q", name, text)
				}
				out = append(out, list...)
				continue
			}
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return nil, invalid("Parameter %s is invalid: %q", name, text)
			}
			out = append(out, n)
		}
	}
	return out, nil
}

// required tells which of the fields is missing.
func (f form) required(names ...string) *reply {
	for _, name := range names {
		if f.first(name) == "" {
			return invalid("Parameter %s is required", name)
		}
	}
	return nil
}

// leastMessage is how many characters a message has at least.
const leastMessage = 5

// postMessage is POST /message: the answer has no id, and a real account delivers.
func (s *Server) postMessage(r *http.Request, _ string) *reply {
	f, err := readForm(r)
	if err != nil {
		return invalid("%v", err)
	}
	d, refused := s.readMessage(f)
	if refused != nil {
		return refused
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.store.tickets[d.TicketID]
	if t == nil {
		return invalid("This ticket does not exist.")
	}
	for _, id := range d.Files {
		if _, ok := s.store.files[id]; !ok {
			return invalid("Parameter forwardedFileIDs is invalid: file %d does not exist", id)
		}
	}
	if d.SendAt.After(d.At) {
		s.store.outbox = append(s.store.outbox, d)
		return s.done("Message scheduled")
	}
	d.SendAt = time.Time{}
	e := s.entryOf(t, d)
	d.MessageID = e.ID
	s.store.append(t, e, d.Status, d.At)
	if e.Type == TypeMessage || e.Type == TypeContactForm { // notes and logged calls reach nobody
		s.store.outbox = append(s.store.outbox, d)
	}
	return s.done("Message created")
}

// readMessage holds a form against the constraints of api/omnidesk-v2 section 3.
func (s *Server) readMessage(f form) (d Delivery, refused *reply) {
	if refused = f.required("ticketID", "type", "message"); refused != nil {
		return d, refused
	}
	if utf8.RuneCountInString(f.first("message")) < leastMessage {
		return d, invalid("Parameter message is invalid: at least %d characters", leastMessage)
	}
	d = Delivery{At: s.now(), Type: f.first("type"), Message: f.first("message"), Plain: f.first("plaintext"), Cc: f.first("ccInput"),
		Bcc: f.first("bccInput"), Status: f.first("submitStatus"), To: []string{}}
	for _, n := range []struct {
		name string
		to   *int64
	}{{"ticketID", &d.TicketID}, {"respondMessageID", &d.Answers}, {"userID", &d.UserID}} {
		if *n.to, refused = f.number(n.name); refused != nil {
			return d, refused
		}
	}
	if !typePattern.MatchString(d.Type) {
		return d, invalid("Parameter type is invalid: %q", d.Type)
	}
	for part := range strings.SplitSeq(f.first("toAddress"), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if d.Type == "1" && !isMail(part) {
			return d, invalid("Parameter toAddress is invalid: %q", part)
		}
		d.To = append(d.To, part)
	}
	for _, name := range []string{"ccInput", "bccInput"} {
		if value := f.first(name); value != "" && !isMail(value) {
			return d, invalid("Parameter %s is invalid: %q", name, value)
		}
	}
	if d.Status != "" && !slices.Contains(statuses, d.Status) {
		return d, invalid("Parameter submitStatus is invalid: %q", d.Status)
	}
	if at := f.first("sendAt"); at != "" {
		when, err := time.ParseInLocation(time.DateTime, at, s.zone)
		if !sendAtPattern.MatchString(at) || err != nil {
			return d, invalid("Parameter sendAt is invalid: %q", at)
		}
		d.SendAt = when.UTC()
	}
	d.Files, refused = f.numbers("forwardedFileIDs")
	return d, refused
}

func isMail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

// entryOf is the timeline's line for a message that was posted. The caller holds the lock for writing.
func (s *Server) entryOf(t *Ticket, d Delivery) Entry {
	e := Entry{Type: TypeMessage, Created: d.At, Content: d.Message, Plain: d.Plain, UserID: d.UserID, StatusNew: d.Status, Direction: "outbound",
		From: t.To, To: strings.Join(d.To, ","), Subject: "Re: " + t.Title, AnswersID: d.Answers}
	if u := s.store.users[d.UserID]; u != nil {
		e.UserName, e.FromName = u.Name, u.FirstName
	} else {
		e.UserID = 0
	}
	if e.To == "" {
		e.To = t.From
	}
	if d.Cc != "" {
		e.Cc = []string{d.Cc}
	}
	for _, id := range d.Files {
		e.Attachments = append(e.Attachments, s.store.files[id])
	}
	switch d.Type {
	case "calllog":
		e.Type, e.ChannelID = TypeCall, 3
	case "contactform":
		e.Type, e.ChannelID = TypeContactForm, 9
	case "0":
		e.Type, e.Direction, e.From, e.To, e.FromName = TypeNote, "", "", "", ""
	default:
		e.ChannelID, _ = strconv.Atoi(d.Type)
	}
	if e.ID = s.store.lastMessage + 1; e.Type == TypeNote {
		e.ID = s.store.lastNote + 1
	}
	return e
}

// done is the answer to a POST: nothing, or a sentence; never an id.
func (s *Server) done(text string) *reply {
	if s.o.Quirks.ResultBody {
		return answered(object{{"type", "result"}, {"message", text}})
	}
	return &reply{status: http.StatusOK}
}

// postChatbot is POST /message/chatbot: a new ticket with one message that comes in from a chatbot. It delivers nothing.
func (s *Server) postChatbot(r *http.Request, _ string) *reply {
	f, err := readForm(r)
	if err != nil {
		return invalid("%v", err)
	}
	if refused := f.required("brandID", "message", "subject", "from"); refused != nil {
		return refused
	}
	brand, refused := f.number("brandID")
	if refused != nil {
		return refused
	}
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	t := Ticket{ID: s.store.lastTicket + 1, Title: f.first("subject"), Status: "new", Priority: "medium", Direction: "inbound", BrandID: brand,
		ChannelID: 13, AccountID: "0", From: f.first("from"), Created: now, Updated: now, UpdatedByCustomer: now}
	for _, c := range s.store.customers {
		if c.Email != "" && strings.EqualFold(c.Email, t.From) && (t.CustomerID == 0 || c.ID < t.CustomerID) {
			t.CustomerID, t.FromName, t.BrandName = c.ID, c.Name(), c.BrandName
		}
	}
	t.Timeline = []Entry{{Type: TypeMessage, ID: s.store.lastMessage + 1, Created: now, ChannelID: 13, Direction: "inbound", From: t.From,
		FromName: t.FromName, Content: f.first("message"), Subject: t.Title}}
	s.store.put(&t)
	return s.done("Ticket created")
}
