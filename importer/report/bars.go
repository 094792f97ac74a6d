package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/deskferry/deskferry/importer"
)

// bars is a list of names with a bar each, a card of the page.
type bars struct {
	ID, Title, Note string
	Of              string // what the names are of, as the head of a column
	Rows            []bar
	Left            int   // further ones
	Rest            int64 // what these count
}

type bar struct {
	Name, To string
	Count    int64
	Width    float64 // of 100
	Share    string
}

// maxBars are listed; the others are summed up.
const maxBars = 12

// lists are the lists of a summary that have anything in them, those side by side about as long.
func lists(s *importer.Summary) []bars {
	var out []bars
	for _, b := range []bars{lengthBars(s), statusBars(s.Statuses), channelBars(s.Channels), sizeBars(s.Attachments)} {
		if len(b.Rows) > 0 || b.Note != "" {
			out = append(out, b)
		}
	}
	return out
}

func channelBars(all []importer.ChannelSum) bars {
	b := bars{ID: "channels", Title: "Channels", Of: "Channel"}
	for _, c := range all {
		b.Rows = append(b.Rows, bar{Name: c.Channel, Count: c.Messages})
	}
	return b.sorted().drawn()
}

func statusBars(all []importer.StatusSum) bars {
	b := bars{ID: "statuses", Title: "Status before → after", Of: "Status"}
	for _, s := range all {
		b.Rows = append(b.Rows, bar{Name: s.From, To: statusName(s.To), Count: s.Tickets})
	}
	return b.sorted().drawn()
}

// statusName is a status of the target; a word that no table has becomes none.
func statusName(to string) string { return cmp.Or(to, "not mapped") }

// lengthBars has every class of length up to the longest.
func lengthBars(s *importer.Summary) bars {
	b := bars{ID: "lengths", Title: "Thread lengths", Of: "Messages"}
	var tickets int64
	for _, l := range s.Lengths {
		b.Rows = append(b.Rows, bar{Name: lengthName(l.From, l.To), Count: l.Tickets})
		tickets += l.Tickets
	}
	if tickets > 0 && s.Tickets.Total > tickets {
		b.Note = fmt.Sprintf("%s of %s, by their messages: those that may be imported and have any", number(tickets), plural(s.Tickets.Total, "ticket"))
	} else if tickets > 0 {
		b.Note = plural(tickets, "ticket") + ", by " + map[bool]string{true: "its", false: "their"}[tickets == 1] + " messages"
	}
	return b.drawn()
}

// sizeBars has every class of size up to the largest; no bars where the export tells no size.
func sizeBars(a importer.AttachmentSums) bars {
	b := bars{ID: "sizes", Title: "Attachment sizes", Of: "Size"}
	if a.Files == 0 {
		return b
	}
	b.Note = filesTold(a)
	if a.Unsized == a.Files {
		return b
	}
	for _, z := range a.Sizes {
		b.Rows = append(b.Rows, bar{Name: sizeName(z.From, z.To), Count: z.Files})
	}
	if a.Unsized > 0 {
		b.Rows = append(b.Rows, bar{Name: "not told", Count: a.Unsized})
	}
	return b.drawn()
}

// filesTold says how many files there are, and how large as far as that is known.
func filesTold(a importer.AttachmentSums) string {
	switch {
	case a.Unsized == a.Files:
		return plural(a.Files, "file") + ", their sizes are not told"
	case a.Unsized > 0:
		return fmt.Sprintf("%s, %s and %s of unknown size", plural(a.Files, "file"), size(a.Bytes), number(a.Unsized))
	}
	return plural(a.Files, "file") + ", " + size(a.Bytes)
}

func (b bars) sorted() bars {
	slices.SortStableFunc(b.Rows, func(x, y bar) int { return cmp.Compare(y.Count, x.Count) })
	return b
}

// drawn gives each row its bar and its share, and cuts the list.
func (b bars) drawn() bars {
	all, top := int64(0), int64(1)
	for _, r := range b.Rows {
		all += r.Count
		top = max(top, r.Count)
	}
	for i := range b.Rows {
		r := &b.Rows[i]
		if r.Count > 0 {
			r.Width = max(float64(r.Count)/float64(top)*100, 0.5)
			r.Share = strings.Replace(percent(r.Count, all), " %", "\u00a0%", 1)
		}
		if i >= maxBars {
			b.Left++
			b.Rest += r.Count
		}
	}
	b.Rows = b.Rows[:min(len(b.Rows), maxBars)]
	return b
}

func lengthName(from, to int64) string {
	switch {
	case to == 0:
		return number(from) + "+"
	case from == to:
		return number(from)
	}
	return number(from) + "–" + number(to)
}

func sizeName(from, to int64) string {
	switch {
	case to == 0:
		return binary(from) + "+"
	case from == 0:
		return "< " + binary(to)
	}
	return binary(from) + "–" + binary(to)
}

// binary is a limit that was set in powers of two or ten, as short as it can be said.
func binary(n int64) string {
	for _, u := range []struct {
		n    int64
		name string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= u.n && n%u.n == 0 {
			return strconv.FormatInt(n/u.n, 10) + " " + u.name
		}
	}
	return strings.Replace(size(n), ".0 ", " ", 1)
}
