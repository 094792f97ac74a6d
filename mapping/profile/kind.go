package profile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// grouped writes a number with commas.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// listNames are lists that hold messages.
const listNames = " comments conversations threads messages notes parts posts replies timeline conversationparts ticketparts helpdesknotes articles entries events interactions history chats post note comment ticketpost message reply thread "

// judgeKind tells what the records are, by which fields they have.
func (s *Shape) judgeKind() {
	if list, why := s.messageList(); list != "" {
		s.Kind, s.Messages, s.WhyKind = Conversations, list, why
		return
	}
	has := func(roles ...Role) *Field { return s.rootField(roles...) }
	body, subject, status := s.bodyField(), has(Subject), has(Status)
	ticket, message := s.ticketRef(), s.strongField(MessageID)
	email, name, role := has(PersonEmail), has(PersonName), s.strongField(PersonRole)
	who := s.strongField(Author, Direction, Internal, Public, From)
	sure := body != nil && isMessageName(plainName(roleName(body.Path, "")))
	flag := s.strongField(Direction, Internal, Public)
	switch {
	case body != nil && ticket != nil && (message != nil || ticket.Repeats > 1.05 || who != nil && subject == nil && status == nil):
		s.Kind, s.WhyKind = Messages, fmt.Sprintf("a text (%s), and %s names its ticket", body.Path, ticket.Path)
	case sure && message != nil && (who != nil || s.strongField(SentTime, From) != nil) && s.strongField(Status) == nil:
		s.Kind, s.WhyKind = Messages, fmt.Sprintf("a text (%s) and an id of its own (%s)", body.Path, message.Path)
	case sure && flag != nil && status == nil && s.strongField(SentTime) != nil:
		s.Kind, s.WhyKind = Messages, fmt.Sprintf("a text (%s), and %s", body.Path, flag.Path)
	case email != nil && subject == nil && !sure && (name != nil || role != nil):
		s.Kind, s.WhyKind = People, fmt.Sprintf("%s, and neither subject nor text", email.Path)
	case subject != nil || status != nil && (ticket != nil || has(TicketID) != nil):
		s.Kind, s.WhyKind = Tickets, "a subject or a status, and no list of messages"
		if body != nil {
			s.WhyKind = "a subject or a status, and a text in the record itself"
		}
	case sure && (who != nil || s.strongField(SentTime) != nil):
		s.Kind, s.WhyKind = Messages, fmt.Sprintf("a text (%s), and who wrote it or when", body.Path)
	default:
		s.Kind, s.WhyKind = Other, "neither a subject nor a text of a message"
	}
}

// isMessageName tells whether a name is one of a message's text and of nothing else: companies have a description too.
func isMessageName(plain string) bool {
	return isBodyName(plain) && !strings.Contains(" description descriptiontext descriptionhtml beschreibung descripcion omschrijving beschrijving ", " "+plain+" ")
}

// bodyField is the field outside of lists that holds texts of messages by its name: one that holds any before an empty
// one, and a name that says it before one that may.
func (s *Shape) bodyField() (best *Field) {
	for i := range s.Fields {
		f := &s.Fields[i]
		plain := plainName(roleName(f.Path, ""))
		if f.List != "" || f.Type == Object || !hasRole(plain, Body, BodyHTML) || !fits(f, Body) || f.Filled == 0 && !isBodyName(plain) {
			continue
		}
		rank := func(f *Field) (n int) {
			if f.Filled > 0 {
				n++
			}
			if isBodyName(plainName(roleName(f.Path, ""))) {
				n += 2
			}
			return n
		}
		if best == nil || rank(f) > rank(best) {
			best = f
		}
	}
	return best
}

// messageList finds the list in each record that holds its messages.
func (s *Shape) messageList() (list, why string) {
	best := 0
	for i := range s.Fields {
		l := &s.Fields[i]
		if l.Type != List || l.MaxItems == 0 && l.Filled == 0 {
			continue
		}
		if outer := s.Field(l.List); outer != nil && outer.MaxItems > 1 { // a list of one only wraps, as in XML
			continue
		}
		score := 0
		if strings.Contains(listNames, " "+plainName(lastName(l.Path))+" ") {
			score += 2
		}
		var body, time, who bool
		for j := range s.Fields {
			f := &s.Fields[j]
			if f.List != l.Path || f.Filled == 0 {
				continue
			}
			plain := plainName(roleName(f.Path, l.Path))
			body = body || isBodyName(plain) || (hasRole(plain, Body) || plain == "value") && score > 0 && f.Type != Boolean
			time = time || f.Time != nil && hasRole(plain, SentTime)
			who = who || hasRole(plain, Author, Direction, Internal, Public, AuthorType)
		}
		if !body || !time && !who {
			continue
		}
		if time {
			score += 2
		}
		if who {
			score += 2
		}
		if score > best {
			best, list = score, l.Path
			why = fmt.Sprintf("each holds a list of messages (%s)", l.Path)
		}
	}
	return list, why
}

// containers are members that only wrap the fields of a record.
const containers = " properties data attributes ticket helpdeskticket helpdesknote case conversation item fields record ticketattributes message comment user customer contact "

// roleName is a path inside list without the members that only wrap.
func roleName(path, list string) string {
	if list != "" {
		path = strings.TrimPrefix(strings.TrimPrefix(path, list), "[]")
		path = strings.TrimPrefix(path, ".")
	}
	path = strings.ReplaceAll(path, "[]", "")
	if i := strings.LastIndexByte(path, '#'); i > 0 && strings.Trim(path[i+1:], "0123456789") == "" {
		path = path[:i] // the second column of that heading
	}
	for {
		head, rest, ok := strings.Cut(path, ".")
		if !ok || !strings.Contains(containers, " "+plainName(head)+" ") || wraps(plainName(head), plainName(rest)) {
			return path
		}
		path = rest
	}
}

// wraps tells whether the name of a container says whose a field is: customer.email, user.name.
func wraps(head, rest string) bool {
	return slices.Contains([]string{"user", "customer", "contact", "ticket", "message", "comment", "conversation", "case"}, head) &&
		slices.Contains([]string{"id", "email", "name", "type", "number", "status", "subject", "fullname", "emailaddress"}, rest)
}

// rootField finds the first field outside of lists with one of the roles: by a name that means nothing else before one
// that may.
func (s *Shape) rootField(roles ...Role) *Field {
	if f := s.strongField(roles...); f != nil {
		return f
	}
	return s.namedField(true, roles...)
}

func (s *Shape) strongField(roles ...Role) *Field { return s.namedField(false, roles...) }

func (s *Shape) namedField(weak bool, roles ...Role) *Field {
	for i := range s.Fields {
		f := &s.Fields[i]
		if f.List != "" || f.Filled == 0 && f.Empty+f.Null == 0 || f.Type == List && !slices.Contains(roles, Tags) || f.Type == Object {
			continue
		}
		for _, u := range aliases()[plainName(roleName(f.Path, ""))] {
			if u.weak() == weak && slices.Contains(roles, u.role) && fits(f, u.role) {
				return f
			}
		}
	}
	return nil
}

// ticketRef is a field that names the ticket a message belongs to: any but the record's own id.
func (s *Shape) ticketRef() *Field {
	f := s.strongField(TicketID)
	if f == nil && s.Field("id") != nil {
		f = s.namedField(true, TicketID)
	}
	if f == nil {
		return nil
	}
	switch plainName(roleName(f.Path, "")) {
	case "id", "externalid":
		return nil
	}
	return f
}
