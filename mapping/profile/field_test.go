package profile

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTypes(t *testing.T) {
	for _, test := range []struct {
		values string // separated by |
		want   string // type, filled empty null
	}{
		{"a|b|c", "text 3 0 0"},
		{"1|2|3", "integer 3 0 0"},
		{"1|2.5|-3", "decimal 3 0 0"},
		{"true|FALSE|true", "boolean 3 0 0"},
		{"ja|nein", "boolean 2 0 0"},
		{"2021-03-04T05:06:07Z|2021-03-04", "time 2 0 0"},
		{"Tue Oct 31 22:10:47 +0000 2017", "time 1 0 0"},
		{"a@example.org|b@example.com", "email 2 0 0"},
		{"Mia <a@example.org>|b@example.com, c@example.com", "addresses 2 0 0"},
		{"<p>Hello</p>|<div>x<br></div>", "html 2 0 0"},
		{"1 < 2 and 3 > 2", "text 1 0 0"},
		{"https://example.org/a?b=c", "url 1 0 0"},
		{"['a','b']|[]", "list 2 0 0"},
		{`{"a":1}`, "object 1 0 0"},
		{"| |NULL|N/A", "empty 0 2 2"},
		{"a|NULL", "text 1 0 1"},
		{"1|a|2021-03-04|x@example.org", "mixed 4 0 0"},
		{"1|2|3|4|5|6|7|8|9|x", "integer 10 0 0"},
		{"20160502|1663597223", "integer 2 0 0"}, // nothing calls them times
	} {
		var b strings.Builder
		b.WriteString("key,value\n")
		for i, v := range strings.Split(test.values, "|") {
			fmt.Fprintf(&b, "k%d,\"%s\"\n", i, strings.ReplaceAll(v, `"`, `""`))
		}
		f := one(t, read(t, Options{}, write(t, "a.csv", b.String()))).Field("value")
		if got := fmt.Sprintf("%s %d %d %d", f.Type, f.Filled, f.Empty, f.Null); got != test.want {
			t.Errorf("%s: %s, want %s", test.values, got, test.want)
		}
	}
}

func TestWarnings(t *testing.T) {
	long := strings.Repeat("word ", 51) // 255 bytes
	for _, test := range []struct {
		column, values, want string
	}{
		{"id", "1.23E+15|1.24E+15", WarnExponent},
		{"id", "3.0|4.0", WarnDecimal},
		{"price", "3.0|4.5", ""},
		{"body", `Hello\nthere|Bye\nthere`, WarnNewline},
		{"path", `C:\new`, ""},
		{"body", "Smith &amp; Sons", WarnEntity},
		{"body", "<p>Smith &amp; Sons</p>", ""},
		{"body", "=HYPERLINK(1)", WarnFormula},
		{"body", "'=1+1", WarnFormula},
		{"name", "JÃ¼rgen|FranÃ§ois", WarnMojibake},
		{"name", "Jürgen|Ã|São", ""},
		{"name", "J\uFFFDrgen", WarnReplaced},
		{"closed", "0000-00-00 00:00:00|2021-03-04 00:00:00", WarnZeroDate},
		{"status", "open|NULL", WarnNull},
		{"body", long + "a|" + long + "b|short", WarnCut},
		{"", "1|2", WarnHeading},
	} {
		var b strings.Builder
		fmt.Fprintf(&b, "key,%s\n", test.column)
		for i, v := range strings.Split(test.values, "|") {
			fmt.Fprintf(&b, "k%d,\"%s\"\n", i, v)
		}
		s := one(t, read(t, Options{}, write(t, "a.csv", b.String())))
		var codes []string
		for _, w := range s.Fields[1].Warnings {
			codes = append(codes, w.Code)
			if w.Say == "" || w.Count == 0 {
				t.Errorf("%s: an empty warning %+v", w.Code, w)
			}
		}
		if got := strings.Join(codes, " "); got != test.want {
			t.Errorf("%q %s: %q, want %q", test.column, test.values, got, test.want)
		}
	}
}

func TestTimes(t *testing.T) {
	for _, test := range []struct{ column, values, want string }{
		{"Created", "03/04/2021|05/06/2021", "dmy,mdy none ambiguous 0 3 Apr 2021 4 Mar 2021"},
		{"Created", "03/04/2021|25/06/2021", "dmy auto none day-first 0"},
		{"created_at", "1663597223|1663597224", "epoch auto epoch iso 0"},
		{"created_at", "1663597223|unknown|1663597224", "epoch auto epoch iso 1"},
		{"created_at", "2021-03-04 05:06|soon|2021-03-05 05:06", "iso auto none iso 1"},
		{"date", "44197.5|44198", "excel none iso 0"},
		{"amount", "44197.5|44198", "none"},
		{"phone", "1663597223|1663597224", "none"},
	} {
		text := "key," + test.column + "\n"
		for i, v := range strings.Split(test.values, "|") {
			text += "k" + strconv.Itoa(i) + "," + v + "\n"
		}
		e := one(t, read(t, Options{}, write(t, "a.csv", text))).Fields[1].Time
		got := "none"
		if e != nil {
			got = strings.Join(e.Layouts, ",")
			if e.Auto {
				got += " auto"
			}
			got += fmt.Sprintf(" %s %s %d", e.Zone, e.DayMonth, e.Unread)
			if e.DayFirst != "" {
				got += " " + e.DayFirst + " " + e.MonthFirst
			}
		}
		if got != test.want {
			t.Errorf("%s %s: %s, want %s", test.column, test.values, got, test.want)
		}
	}
}

func TestDocumentPaths(t *testing.T) {
	text := `{"tickets":[
		{"id":1,"a.b":"x","via":{"channel":"email"},"tags":["a","b"],"nobody":null,"comments":[{"id":1,"to":[{"address":"a@example.org"}]},{"id":2}]},
		{"id":2,"via":{},"tags":[],"comments":[],"grid":[[1,2],[3]]}]}`
	s := one(t, read(t, Options{}, write(t, "a.json", text)))
	var got []string
	for _, f := range s.Fields {
		got = append(got, fmt.Sprintf("%s %s %d/%d/%d/%d", f.Path, f.Type, f.Filled, f.Empty, f.Null, f.Missing))
	}
	want := []string{
		"id integer 2/0/0/0", `"a.b" text 1/0/0/1`, "via object 1/1/0/0", "via.channel text 1/0/0/1", "tags list 1/1/0/0", "nobody empty 0/0/1/1",
		"comments list 1/1/0/0", "comments[].id integer 2/0/0/0", "comments[].to list 1/0/0/1", "comments[].to[].address email 1/0/0/0", "grid list 1/0/0/1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("fields are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if f := s.Field("tags"); len(f.Values) != 2 || f.MaxItems != 2 {
		t.Errorf("tags: values %v, up to %d items", f.Values, f.MaxItems)
	}
}

// An element that came once is an object and otherwise a list: both are one field.
func TestObjectOrList(t *testing.T) {
	text := `[{"id":1,"subject":"x","post":{"contents":"hello there","dateline":1663597223}},
		{"id":2,"subject":"y","post":[{"contents":"one","dateline":1663597223},{"contents":"two","dateline":1663597223,"by":"a"}]}]`
	s := one(t, read(t, Options{}, write(t, "a.json", text)))
	if f := s.Field("post[].contents"); s.Kind != Conversations || s.Messages != "post" || f == nil || f.Filled != 3 || f.Missing != 0 {
		t.Errorf("%s, messages in %q: %+v", s.Kind, s.Messages, s.Fields)
	}
	if f := s.Field("post"); f.Type != List || f.Filled != 2 || s.Field("post.contents") != nil {
		t.Errorf("post: %+v", f)
	}
}

func TestSigns(t *testing.T) {
	rows := func(n int) string {
		var b strings.Builder
		b.WriteString("id,ticket_id,author,body,created_at\n")
		for i := range n {
			fmt.Fprintf(&b, "%d,%d,a@example.org,hello,2021-03-04T05:06:07Z\n", i, i/2)
		}
		return b.String()
	}
	parts := func(n int) string {
		return `{"id":1,"subject":"x","parts":[` + strings.TrimSuffix(strings.Repeat(`{"body":"hello","author":"a","created_at":1663597223},`, n), ",") + `]`
	}
	for _, test := range []struct{ name, text, want string }{
		{"a.csv", rows(99), ""},
		{"a.csv", rows(100), SignRoundCount},
		{"a.csv", rows(1000), SignRoundCount},
		{"a.csv", "id,ticket_id,author,body,created_at\n7,1,a@example.org,x,2021-03-04 05:06\n7,1,a@example.org,y,2021-03-04 05:06\n", SignDuplicates + " " + SignZone},
		{"a.csv", "ticket_id,author,body,created_at\n1,a@example.org,x,03/04/2021\n1,a@example.org,y,03/04/2021\n", SignNoID + " " + SignDayMonth + " " + SignZone},
		{"a.csv", "id,subject,status\n1,hello,open\n", SignNoTexts},
		{"a.csv", "7,a@example.org,2021-03-04 10:00,hello\n8,b@example.org,2021-03-05 10:00,bye\n", SignNoHeader},
		{"a.json", `[` + parts(500) + `}]`, SignListFull},
		{"a.json", `[` + parts(499) + `}]`, ""},
		{"a.json", `[` + parts(10) + `},` + strings.Replace(parts(3), ":1", ":2", 1) + `}]`, SignListFull},
		{"a.json", `[` + parts(12) + `,"total_count":700}]`, SignTotal},
		{"a.json", `[{"type":"MESSAGE","id":"m1","conversationsThreadId":"7","text":"x","truncationStatus":"TRUNCATED","direction":"INCOMING","createdAt":"2021-03-04T05:06:07Z"}]`, SignTruncated},
		{"a.json", `[{"type":"MESSAGE","id":"m1","conversationsThreadId":"7","text":"x","truncationStatus":"NOT_TRUNCATED","direction":"INCOMING","createdAt":"2021-03-04T05:06:07Z"}]`, ""},
	} {
		s := one(t, read(t, Options{}, write(t, test.name, test.text)))
		var codes []string
		for _, g := range s.Signs {
			codes = append(codes, g.Code)
		}
		slices.Sort(codes)
		want := strings.Fields(test.want)
		slices.Sort(want)
		if !slices.Equal(codes, want) {
			t.Errorf("%s %.60q: %v, want %v (%s)", test.name, test.text, s.Signs, want, s.Kind)
		}
	}
}

// What a sample counts does not depend on the order of values nor on how they were divided, and is exact up to its limit.
func TestSampleProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 50).Draw(t, "limit")
		values := rapid.SliceOfN(rapid.StringMatching(`[a-z0-9]{1,3}`), 0, 400).Draw(t, "values")
		cut := rapid.IntRange(0, len(values)).Draw(t, "cut")
		var whole, left, right sample
		truth := map[string]int64{}
		for i, v := range values {
			truth[v]++
			whole.add(hashOf(v), v, 1, limit)
			half := &left
			if i >= cut {
				half = &right
			}
			half.add(hashOf(v), v, 1, limit)
		}
		right.merge(&left, limit, strings.Clone)
		if whole.level != right.level || !maps.Equal(whole.counts, right.counts) {
			t.Fatalf("divided at %d: %+v, whole %+v", cut, right, whole)
		}
		if n, exact := whole.distinct(); len(truth) <= limit && (n != int64(len(truth)) || !exact) {
			t.Fatalf("%d different values (exact %v), there are %d", n, exact, len(truth))
		}
		for h, n := range whole.counts {
			if !whole.bare && truth[whole.texts[h]] != n {
				t.Fatalf("%x %q: %d times, want %d", h, whole.texts[h], n, truth[whole.texts[h]])
			}
		}
	})
}

// Each role has its names in each of the five languages.
func TestAliasTable(t *testing.T) {
	lines := map[Role]int{}
	for _, a := range aliasTable() {
		lines[a.role]++
		if n := strings.Count(a.names, ",") + 1; n < 5 {
			t.Errorf("%s: only %d names in %q", a.role, n, a.names)
		}
	}
	for _, r := range Roles() {
		if lines[r] != 5 {
			t.Errorf("%s: %d languages, want 5", r, lines[r])
		}
	}
	for heading, want := range map[string]Role{
		"Ticket-ID": TicketID, "ticketId": TicketID, "TICKET_ID": TicketID, "Ticket #": TicketID, "N° ticket": TicketID, "Número de ticket": TicketID,
		"Vorgangsnummer": TicketID, "Betreff": Subject, "Priorität": Priority, "PRIORITAET": "", "Courriel": CustomerEmail, "Correo electrónico": CustomerEmail,
		"Behandelaar": Assignee, "Créé le": CreatedTime, "Anhänge": Attachments, "Schließdatum": ClosedTime, "Etiquetas": Tags, "onderwerp": Subject,
		"pièces jointes": Attachments, "En copie": Cc, "verzonden op": SentTime, "Öffentlich": Public, "body_html": BodyHTML, "Contenido": Body,
	} {
		if has := hasRole(plainName(heading), want); want != "" && !has {
			t.Errorf("%q is not found as %s", heading, want)
		}
	}
}
