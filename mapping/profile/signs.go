package profile

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/deskferry/deskferry/sources"
)

// isRound knows the numbers of records at which exports and lists are cut.
func isRound(n int64) bool {
	return slices.Contains([]int64{100, 200, 250, 500, 1000, 2000, 5000, 10000, 30000, 50000, 100000}, n)
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

// findTimes tells the span of the records.
func (s *Shape) findTimes() {
	for _, role := range []Role{SentTime, CreatedTime, UpdatedTime} {
		if f := s.Field(s.Best(role)); f != nil && f.Time != nil {
			s.First, s.Last = f.Time.First, f.Time.Last
			return
		}
	}
}

// findDuplicates counts ids and records that come again.
func (s *Shape) findDuplicates(sum *shapeSum) {
	n, _ := sum.whole.again()
	_, exact := sum.whole.distinct()
	s.Duplicates = Duplicates{Records: n, Sampled: !exact}
	role := map[Kind]Role{Messages: MessageID, Tickets: TicketID, Conversations: TicketID, People: PersonID}[s.Kind]
	own := s.Best(role)
	f := s.Field(own)
	if f == nil || f.List != "" || s.Candidates[role][0].Score < 0.4 {
		return
	}
	s.Duplicates.IDField = own
	nodes := map[string]*node{}
	sum.paths(&sum.root, "", nodes)
	at := nodes[own]
	if at == nil {
		return
	}
	again, hash := at.stats.values.again()
	_, exact = at.stats.values.distinct()
	s.Duplicates.IDs, s.Duplicates.Sampled = again, s.Duplicates.Sampled || !exact
	if s.Duplicates.Example = clip(at.stats.values.texts[hash]); again == 0 {
		s.Duplicates.Example = ""
	}
}

// findSigns looks for what seems to be missing or left open.
func (f *fileSum) findSigns(sum *shapeSum, s *Shape) {
	add := func(code, field string, n int64, format string, args ...any) {
		s.Signs = append(s.Signs, Sign{Code: code, Field: field, Count: n, Say: fmt.Sprintf(format, args...)})
	}
	f.cutSigns(sum, s, add)
	s.statusSigns(add)
	if s.Kind == Messages && s.Best(MessageID) == "" {
		add(SignNoID, "", s.Records, "messages have no id of their own: a hash of ticket, time, author and text stands in, so an edited message would be a new one")
	}
	if f.Format == "csv" {
		if cells := dataCells(f.first.Columns); len(cells) > 0 {
			add(SignNoHeader, "", int64(len(cells)), "the first row looks like data (%s): add a row of headings above it", quotedList(cells, 3))
		}
	}
	if f.Format != string(sources.Mail) { // a date there has its zone; the mbox's own line is written in UTC
		s.timeSigns(add)
	}
	if d := &s.Duplicates; d.IDs > 0 && f.Format == string(sources.Mail) {
		add(SignDuplicates, d.IDField, d.IDs, "%s a Message-ID that came before, such as %s: copies of one mail count once, different mails are all kept", have(d.IDs, "mail"), orNone(d.Example))
	} else if d.IDs > 0 && s.Kind != Other {
		add(SignDuplicates, d.IDField, d.IDs, "%s an id that came before, such as %s: of equal records one is imported; with a version field the newest", have(d.IDs, "record"), orNone(d.Example))
	} else if d.Records == 1 {
		add(SignDuplicates, "", 1, "1 record is equal to an earlier one")
	} else if d.Records > 0 {
		add(SignDuplicates, "", d.Records, "%s records are equal to an earlier one", grouped(d.Records))
	}
	if s.Dropped > 0 {
		add(SignFields, "", int64(s.Dropped), "%s fields are not described: it has more than %s", grouped(int64(s.Dropped)), grouped(MaxFields))
	}
}

// noTexts adds to each shape that should hold messages that nothing in the export holds a text.
func noTexts(p *Profile) {
	for i := range p.Files {
		for j := range p.Files[i].Shapes {
			s := &p.Files[i].Shapes[j]
			if s.Kind == People || s.Kind == Other || s.Records == 0 {
				continue
			}
			s.Signs = slices.Insert(s.Signs, 0, Sign{
				Code: SignNoTexts, Count: s.Records,
				Say: "0 texts: no field holds the text of a message; messages may be in another file of the export, or were not exported",
			})
		}
	}
}

type addSign func(code, field string, n int64, format string, args ...any)

func (f *fileSum) cutSigns(sum *shapeSum, s *Shape, add addSign) {
	for _, n := range slices.Sorted(maps.Keys(f.rounds[sum.place])) {
		switch times := f.rounds[sum.place][n]; {
		case f.Partial:
		case f.Count == 1:
			add(SignRoundCount, "", n, "exactly %s records: the export may have stopped at a limit; compare with what the old helpdesk counts", grouped(n))
		case times == f.Count:
			add(SignRoundCount, "", n, "all %d files hold exactly %s records: the last page should hold fewer; is one missing", f.Count, grouped(n))
		}
	}
	nodes := map[string]*node{}
	sum.paths(&sum.root, "", nodes)
	for i := range s.Fields {
		l := &s.Fields[i]
		n := nodes[l.Path]
		if l.MaxItems == 0 || n == nil {
			continue
		}
		for k, size := range fullLists() {
			if n.stats.full[k] > 0 && n.stats.maxItems == size && (size > 10 || l.Path == s.Messages) {
				add(SignListFull, l.Path, n.stats.full[k], "%s of exactly %d items, and none has more: longer ones were cut at that, it seems", plural(n.stats.full[k], "list"), size)
			}
		}
	}
	if sum.totals > 0 {
		path := ""
		for at, n := range nodes {
			if n == sum.totalPath {
				path = at
			}
		}
		add(SignTotal, path, sum.totals, "%s times a total is larger than the list beside it (%s): the rest was not exported", grouped(sum.totals), path)
	}
}

// paths names all nodes.
func (s *shapeSum) paths(n *node, prefix string, into map[string]*node) {
	for _, k := range n.kids {
		at := joinName(prefix, k.name, s.row != nil)
		into[at] = k
		s.paths(k, at, into)
		for item := k.items; item != nil; item = item.items {
			at += "[]"
			into[at] = item
			s.paths(item, at, into)
		}
	}
}

// statusSigns reads fields that say themselves that something was cut.
func (s *Shape) statusSigns(add addSign) {
	for i := range s.Fields {
		f := &s.Fields[i]
		if !strings.Contains(plainName(lastName(f.Path)), "truncat") {
			continue
		}
		var n int64
		for _, v := range f.Values {
			switch strings.ToUpper(v.Value) {
			case "NOT_TRUNCATED", "FALSE", "0", "NO":
			default:
				n += v.Count
			}
		}
		if n > 0 {
			add(SignTruncated, f.Path, n, "%s says of %s that they are cut off: get the whole texts from the old helpdesk, or they are imported as they are", f.Path, plural(n, "text"))
		}
	}
}

func (s *Shape) timeSigns(add addSign) {
	for _, role := range []Role{SentTime, CreatedTime} {
		f := s.Field(s.Best(role))
		if f == nil || f.Time == nil || role == CreatedTime && f.Path == s.Best(SentTime) {
			continue
		}
		t := f.Time
		switch t.DayMonth {
		case "ambiguous":
			add(SignDayMonth, f.Path, t.Count, "%q can be %s or %s, and no value tells which: write layout: dmy or layout: mdy", t.Example, t.DayFirst, t.MonthFirst)
		case "contradictory":
			add(SignDayMonth, f.Path, t.Count, "some values can only be day first and some only month first: split the export, or mend one kind")
		}
		const write = "write source: { timezone: … }, the zone the old helpdesk was set to"
		switch t.Zone {
		case "none":
			add(SignZone, f.Path, t.Count, "its times name no zone: "+write)
		case "mixed":
			add(SignZone, f.Path, t.Count, "some of its times name no zone, or name it in another way: "+write)
		case "abbreviation":
			add(SignZone, f.Path, t.Count, "its zones are abbreviations such as CET, which many places share: "+write)
		}
	}
}

// dataCells are headings that look like values.
func dataCells(columns []string) []string {
	var data []string
	filled := 0
	for _, c := range columns {
		c = strings.TrimSpace(c)
		if c == "" {
			continue
		}
		filled++
		var s stats
		s.limit = MaxDistinct
		s.addText(c, true)
		if s.types[tEmail]+s.types[tTime]+s.types[tURL]+s.types[tDecimal] > 0 || s.types[tInteger] > 0 && len(c) > 1 || len(c) > 150 {
			data = append(data, clip(c))
		}
	}
	if len(data)*5 < filled {
		return nil
	}
	return data
}

func quotedList(list []string, most int) string {
	var b strings.Builder
	for i, s := range list {
		if i == most {
			b.WriteString(", …")
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", s)
	}
	return b.String()
}

func have(n int64, one string) string {
	if n == 1 {
		return "1 " + one + " has"
	}
	return plural(n, one) + " have"
}

func orNone(s string) string {
	if s == "" {
		return "many"
	}
	return s
}
