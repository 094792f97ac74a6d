package mapping

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestTimeEvidence(t *testing.T) {
	for _, test := range []struct {
		values  string // separated by |
		numbers bool
		want    string // layouts, auto, zone, day and month, first to last
	}{
		{"2021-03-04T05:06:07Z|2021-03-05T05:06:07Z", false, "iso auto Z iso 2021-03-04 2021-03-05"},
		{"2021-03-04 05:06:07.083", false, "iso auto none iso 2021-03-04 2021-03-04"},
		{"2014-04-30T08:30:30+09:00|2014-04-30T08:30:30-03:00", false, "iso auto offset(-03:00 +09:00) iso 2014-04-29 2014-04-30"},
		{"03/04/2021|05/06/2021", false, "dmy,mdy none ambiguous 2021-04-03 2021-06-05"},
		{"03/04/2021|25/06/2021", false, "dmy auto none day-first 2021-04-03 2021-06-25"},
		{"03/04/2021|06/25/2021", false, "mdy auto none month-first 2021-03-04 2021-06-25"},
		{"13/04/2021|06/25/2021", false, "dmy,mdy none contradictory 2021-04-13 2021-04-13"},
		{"03/03/2021 14:05", false, "dmy auto none iso 2021-03-03 2021-03-03"},
		{"31.12.99 11:00 PM", false, "dmy none day-first 1999-12-31 1999-12-31"},
		{"Tue Oct 31 22:10:47 +0000 2017", false, "rfc2822 auto offset(+00:00) iso 2017-10-31 2017-10-31"},
		{"Mon, 05 May 2014 00:15:17 +0300", false, "rfc2822 auto offset(+03:00) iso 2014-05-04 2014-05-04"},
		{"5 May 2014 10:00 CEST", false, "rfc2822 auto abbreviation iso 2014-05-05 2014-05-05"},
		{"1663597223|1663597224", true, "epoch auto epoch iso 2022-09-19 2022-09-19"},
		{"1453770984.123", true, "epoch auto epoch iso 2016-01-26 2016-01-26"},
		{"1663597223000", true, "epoch_ms auto epoch iso 2022-09-19 2022-09-19"},
		{"44197.5", true, "excel none iso 2021-01-01 2021-01-01"},
		{"1663597223|20160502", false, " none iso"},
		{"2021-03-04T05:06:07Z|2021-03-04 05:06", false, "iso auto mixed iso 2021-03-04 2021-03-04"},
		{"0000-00-00 00:00:00|31/02/2021|hello|May we ask you something|12", false, " none iso"},
	} {
		var whole, half TimeEvidence
		values := strings.Split(test.values, "|")
		for i, v := range values {
			if i < len(values)/2 {
				whole.Add(v, test.numbers)
			} else {
				half.Add(v, test.numbers)
			}
		}
		whole.Merge(&half)
		names, auto := whole.Layouts()
		got := strings.Join(names, ",")
		if auto {
			got += " auto"
		}
		got += " " + whole.Zone()
		if offsets := whole.Offsets(); len(offsets) > 0 {
			got += fmt.Sprintf("(%s)", strings.Join(offsets, " "))
		}
		got += " " + whole.DayMonth()
		if first, last := whole.Range(); !first.IsZero() {
			got += " " + first.Format(time.DateOnly) + " " + last.Format(time.DateOnly)
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.values, got, test.want)
		}
	}
}

// What the evidence calls readable by a layout is what that layout reads.
func TestTimeEvidenceAgreesWithLayouts(t *testing.T) {
	for _, s := range []string{
		"2021-03-04T05:06:07Z", "13/04/2021", "04/13/2021 5:06 PM", "31.12.99", "1663597223", "44197.5", "4 Mar 2021", "Thu, 4 Mar 21 05:06:07 GMT",
		"20210304050607", "2021/3/4", "2021-Mar-04", "not a time", "1663597223000", "1663597223000000",
	} {
		var e TimeEvidence
		if !e.Add(s, true) {
			continue
		}
		names, auto := e.Layouts()
		l, err := compileLayouts(names)
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := l.parse(s, time.UTC)
		if first, _ := e.Range(); err != nil || !first.Equal(want) {
			t.Errorf("%q: layouts %v read %v (%v), the evidence %v", s, names, want, err, first)
		}
		if a, settled := e.order.settle(); auto {
			if settled != nil {
				t.Errorf("%q: auto, but %v", s, settled)
				continue
			}
			if _, _, err := a.parse(s, time.UTC); err != nil {
				t.Errorf("%q: auto does not read it: %v", s, err)
			}
		}
	}
}
