package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/deskferry/deskferry/importer"
)

// chart is a row of columns, each of one or three parts, and the table of its numbers.
type chart struct {
	ID, Title, Note string
	Head            string // of the table's first column
	Series          []string
	Columns         []column
	Max             int64    // of the axis
	Labels          []xLabel // of the axis below
	Most            string   // what the picture shows, in words
}

type column struct {
	Name   string
	Values []int64
	Parts  []part
	X      float64
}

// part is a rectangle in a drawing as wide as there are columns and 100 high.
type part struct {
	Class string
	Y, H  float64
	Said  string
}

type xLabel struct {
	Text     string
	At, Span int
}

// directions are the series of charts of messages; their names are classes of the style as well.
var directions = []string{"incoming", "outgoing", "internal"}

func charts(s *importer.Summary) []chart {
	zone := orElse(s.Timezone, "UTC")
	all := []chart{
		monthChart(s.Months),
		{ID: "hours", Title: "Time of day", Head: "Hour", Series: directions, Note: "Hours in " + zone + ". Work at night by a whole team is the sign of a wrong time zone."},
	}
	for _, h := range s.Hours {
		all[1].add(fmt.Sprintf("%02d:00", h.Hour), h.Incoming, h.Outgoing, h.Internal)
	}
	out := all[:0]
	for _, c := range all {
		if c.draw() {
			out = append(out, c)
		}
	}
	return out
}

// maxColumns is what a screen has room for: months of more years are drawn as quarters or years.
const maxColumns = 48

func monthChart(months []importer.MonthSum) chart {
	c := chart{ID: "months", Title: "Messages per month", Head: "Month", Series: directions}
	all := everyMonth(months)
	name, of := "", func(m string) string { return m }
	switch {
	case len(all) > maxColumns*3:
		name, of = "year", func(m string) string { return m[:4] }
	case len(all) > maxColumns:
		name, of = "quarter", quarter
	}
	if name != "" {
		c.Title, c.Head = "Messages per "+name, capital(name)
	}
	for _, m := range all {
		if n := len(c.Columns); n > 0 && c.Columns[n-1].Name == of(m.Month) {
			v := c.Columns[n-1].Values
			v[0], v[1], v[2] = v[0]+m.Incoming, v[1]+m.Outgoing, v[2]+m.Internal
			continue
		}
		c.add(of(m.Month), m.Incoming, m.Outgoing, m.Internal)
	}
	if n := len(c.Columns); n > 4*maxColumns { // centuries: a wrong time among the right ones
		c.Columns = c.Columns[n-4*maxColumns:]
	}
	return c
}

func quarter(month string) string {
	m, _ := strconv.Atoi(month[5:])
	return fmt.Sprintf("%s Q%d", month[:4], (m+2)/3)
}

// everyMonth fills the months between that have no message. Months that are none stay as they are.
func everyMonth(months []importer.MonthSum) []importer.MonthSum {
	var out []importer.MonthSum
	for _, m := range months {
		at, err := time.Parse("2006-01", m.Month)
		if err != nil {
			continue
		}
		for n := len(out); n > 0 && n < 4000; n++ {
			last, _ := time.Parse("2006-01", out[n-1].Month)
			if last = last.AddDate(0, 1, 0); !last.Before(at) {
				break
			}
			out = append(out, importer.MonthSum{Month: last.Format("2006-01")})
		}
		out = append(out, m)
	}
	return out
}

func (c *chart) add(name string, values ...int64) {
	c.Columns = append(c.Columns, column{Name: name, Values: values})
}

// draw lays the columns out; it tells whether there is anything to see.
func (c *chart) draw() bool {
	top, all, best := int64(0), int64(0), 0
	for i, col := range c.Columns {
		n := sum(col.Values)
		all += n
		if n > top {
			top, best = n, i
		}
	}
	if all == 0 {
		return false
	}
	c.Max = nice(top)
	for i := range c.Columns {
		col := &c.Columns[i]
		col.X = float64(i) + 0.12
		y := 100.0
		for k, v := range col.Values {
			if v == 0 {
				continue
			}
			h := max(float64(v)/float64(c.Max)*100, 0.6)
			y -= h
			col.Parts = append(col.Parts, part{c.Series[k], max(y, 0), h, fmt.Sprintf("%s: %s %s", col.Name, number(v), c.Series[k])})
		}
	}
	unit := "messages"
	if len(c.Series) == 1 {
		unit = c.Series[0]
	}
	c.Most = fmt.Sprintf("%s: %s %s in all, most of them at %s: %s. The table below has every number.", c.Title, number(all), unit, c.Columns[best].Name, number(top))
	c.label()
	return true
}

// label names as many columns as have room; none at the end that would leave the drawing.
func (c *chart) label() {
	n := len(c.Columns)
	longest := len(slices.MaxFunc(c.Columns, func(a, b column) int { return cmp.Compare(len(a.Name), len(b.Name)) }).Name)
	room := max(2, 44/(longest+1)) // labels a narrow screen has room for
	step := (n + room - 1) / room
	for i := 0; i < n && (i == 0 || i+step <= c.Wide()); i += step {
		c.Labels = append(c.Labels, xLabel{c.Columns[i].Name, i + 1, step})
	}
}

// Half is the middle of the axis, "" where it is no whole number.
func (c chart) Half() string {
	if c.Max%2 != 0 {
		return ""
	}
	return number(c.Max / 2)
}

// Wide is how many columns the drawing has room for: few columns stay narrow.
func (c chart) Wide() int { return max(len(c.Columns), 6) }

// Stacked tells whether columns have parts that need a legend.
func (c chart) Stacked() bool { return len(c.Series) > 1 }

func sum(all []int64) (n int64) {
	for _, v := range all {
		n += v
	}
	return n
}

// nice is the next number up that is easy to read on an axis, and half of it as well: at most a quarter more than n, but for
// the smallest.
func nice(n int64) int64 {
	for _, f := range []int64{1, 2, 4, 6, 8, 10} {
		if f >= n {
			return f
		}
	}
	for p := int64(1); p <= math.MaxInt64/100; p *= 10 {
		for _, f := range []int64{12, 14, 16, 20, 24, 30, 36, 40, 50, 60, 70, 80, 90, 100} {
			if p*f >= n {
				return p * f
			}
		}
	}
	return n
}
