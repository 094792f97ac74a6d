package profile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// told lists what a shape's best candidates are for some roles, "-" where there is none.
func told(s *Shape, roles ...Role) string {
	var list []string
	for _, r := range roles {
		path := s.Best(r)
		if path == "" || s.Candidates[r][0].Score < 0.5 {
			path = "-"
		}
		list = append(list, path)
	}
	return strings.Join(list, " ")
}

// What values say of a message decides, not what their field is called.
func TestMeanings(t *testing.T) {
	for _, test := range []struct{ field, values, direction, internal, means string }{
		{"type", "inbound|outbound|note|private note", "type", "type", "inbound=incoming note=note outbound=outgoing private note=note"},
		{"Kind", "IN|OUT", "Kind", "-", "IN=incoming OUT=outgoing"},
		{"visibility", "public|private|internal", "-", "visibility", "internal=note private=note public=public"},
		{"sender", "customer|agent", "sender", "-", "agent=outgoing customer=incoming"},
		{"Art", "Kunde|Mitarbeiter|Interne Notiz", "Art", "Art", "Interne Notiz=note Kunde=incoming Mitarbeiter=outgoing"},
		{"sens", "entrant|sortant", "sens", "-", "entrant=incoming sortant=outgoing"},
		{"tipo", "recibido|enviado|nota interna", "tipo", "tipo", "enviado=outgoing nota interna=note recibido=incoming"},
		{"soort", "inkomend|uitgaand|notitie", "soort", "soort", "inkomend=incoming notitie=note uitgaand=outgoing"},
		{"part_type", "comment|note|close|assignment", "-", "-", "comment=public note=note"},
		{"type", "email|chat", "-", "-", ""},
		{"type", "1|2", "-", "-", ""},
		{"status", "sent|received", "-", "-", ""},
		{"to", "customer|agent", "-", "-", ""},
	} {
		text := "ticket_id,message_id,created_at,body," + test.field + "\n"
		for i, v := range slices.Repeat(strings.Split(test.values, "|"), 3) {
			text += fmt.Sprintf("%d,m%d,2024-01-0%dT10:00:00Z,hello number %d,%s\n", i/3, i, i%9+1, i, v)
		}
		s := one(t, read(t, Options{}, write(t, "a.csv", text)))
		if got, want := told(s, Direction, Internal), test.direction+" "+test.internal; got != want {
			t.Errorf("%s %s: %s, want %s", test.field, test.values, got, want)
		}
		var means []string
		for v, m := range s.Field(test.field).Meanings {
			means = append(means, v+"="+string(m))
		}
		slices.Sort(means)
		if got := strings.Join(means, " "); got != test.means {
			t.Errorf("%s %s means %s, want %s", test.field, test.values, got, test.means)
		}
		if test.direction != "-" || test.internal == test.field {
			if c := s.Candidates[Channel]; len(c) > 0 {
				t.Errorf("%s: a channel too: %+v", test.field, c)
			}
		}
	}
}

func TestMeaningsInDocuments(t *testing.T) {
	s := one(t, read(t, Options{}, write(t, "a.json", `[
		{"external_id":"t1","subject":"S","messages":[{"type":"inbound","created_at":"2024-01-01T10:00:00Z","author_email":"a@example.org","body":"hello"},
			{"type":"note","created_at":"2024-01-01T10:00:00Z","author_email":"b@example.com","body":"secret"}]},
		{"external_id":"t2","subject":"S","messages":[{"type":"outbound","created_at":"2024-01-01T10:00:00Z","author_email":"b@example.com","body":"hi"}]}]`)))
	if got, want := told(s, TicketID, Direction, Internal, Channel), "external_id messages[].type messages[].type -"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if c := s.Candidates[Direction][0]; !strings.Contains(c.Why, "note is note") || !strings.Contains(c.Why, "outbound is outgoing") {
		t.Errorf("direction: %s", c.Why)
	}
}

// Addresses are addresses, whatever they stand under.
func TestContentOverHeading(t *testing.T) {
	for _, test := range []struct{ customer, author, want string }{
		{"Kunde", "Von", "Kunde - - Von"},
		{"Client", "Auteur", "Client - - Auteur"},
		{"Klant", "Afzender", "Klant - - Afzender"},
		{"Cliente", "Remitente", "Cliente - - Remitente"},
		{"Requester", "Author name", "Requester - - Author name"},
		{"Customer", "Sender name", "Customer - - Sender name"},
		{"requester_id", "from", "requester_id - - from"},
	} {
		text := "Ticket ID,Message ID," + test.customer + "," + test.author + ",Sent at,Body\n"
		for i := range 6 {
			text += fmt.Sprintf("%d,m%d,person%d@example.org,staff%d@example.com,2024-01-0%dT10:00:00Z,hello %d\n", i/2, i, i/2, i, i+1, i)
		}
		s := one(t, read(t, Options{}, write(t, "a.csv", text)))
		if got := told(s, CustomerEmail, CustomerID, CustomerName, Author); got != test.want {
			t.Errorf("%s, %s: %s, want %s", test.customer, test.author, got, test.want)
		}
	}
}
