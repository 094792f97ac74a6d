package mapping

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Skipf("no time zone data here: %v", err)
	}
	return z
}

func mustLayouts(t testing.TB, names ...string) *layouts {
	t.Helper()
	l, err := compileLayouts(names)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestTimesReadInOneWay(t *testing.T) {
	utc := time.UTC
	for _, c := range []struct {
		layout, in string
		want       string // RFC 3339 UTC
	}{
		{"auto", "2016-05-02T09:12:44Z", "2016-05-02T09:12:44Z"},
		{"auto", "2026-08-26T18:38:33.416987+00:00", "2026-08-26T18:38:33.416987Z"},
		{"auto", "2014-04-30T08:30:30+09:00", "2014-04-29T23:30:30Z"},
		{"auto", "2014-04-30T08:30:30-0330", "2014-04-30T12:00:30Z"},
		{"auto", "2014-04-30T08:30:30+09", "2014-04-29T23:30:30Z"},
		{"auto", "2019-09-28 22:06:16", "2019-09-28T22:06:16Z"},
		{"auto", "2019-09-28 22:06:16 UTC", "2019-09-28T22:06:16Z"},
		{"auto", "2019-09-28 22:06:16 +0200", "2019-09-28T20:06:16Z"},
		{"auto", "2019-09-28 22:06:16,5", "2019-09-28T22:06:16.5Z"},
		{"auto", "2019-09-28, 22:06", "2019-09-28T22:06:00Z"},
		{"auto", "2019-09-28T22:06.000Z", "2019-09-28T22:06:00Z"},
		{"auto", "2019-09-28t22:06:16z", "2019-09-28T22:06:16Z"},
		{"auto", "2019-09-28", "2019-09-28T00:00:00Z"},
		{"auto", "2019/9/8 7:06 pm", "2019-09-08T19:06:00Z"},
		{"auto", "2019.09.28 12:00:00 AM", "2019-09-28T00:00:00Z"},
		{"auto", "20190928", "2019-09-28T00:00:00Z"},
		{"auto", "20190928T220616Z", "2019-09-28T22:06:16Z"},
		{"auto", "20190928220616", "2019-09-28T22:06:16Z"},
		{"auto", "2019-09-28T24:00:00Z", "2019-09-29T00:00:00Z"},
		{"auto", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
		{"auto", "2020-02-29T00:00:00Z", "2020-02-29T00:00:00Z"},
		{"auto", "2011-12-03T10:15:30+01:00[Europe/Paris]", "2011-12-03T09:15:30Z"},
		{"auto", "2019-09-28\u202f22:06:16\u00a0\u22120200", "2019-09-29T00:06:16Z"},
		{"auto", "Mon, 05 May 2014 00:15:17 +0300", "2014-05-04T21:15:17Z"},
		{"auto", "5 May 2014 00:15 GMT", "2014-05-05T00:15:00Z"},
		{"auto", "Fri, 21 Nov 1997 09:55:06 -0600 (CST)", "1997-11-21T15:55:06Z"},
		{"auto", "Mon, 02 Jan 2006 15:04:05 PST", "2006-01-02T23:04:05Z"},
		{"auto", "Monday, 02-Jan-06 15:04:05 UTC", "2006-01-02T15:04:05Z"},
		{"auto", "Mon Jan  2 15:04:05 2006", "2006-01-02T15:04:05Z"},
		{"auto", "Tue Oct 31 22:10:47 +0000 2017", "2017-10-31T22:10:47Z"},
		{"auto", "Tue Oct 31 22:10:47 UTC 2017", "2017-10-31T22:10:47Z"},
		{"auto", "Tue Oct 31 2017 22:10:47 GMT+0100 (Central European Standard Time)", "2017-10-31T21:10:47Z"},
		{"auto", "March 4, 2021 at 3:04 PM", "2021-03-04T15:04:00Z"},
		{"auto", "Mar 4th, 2021, 3:04\u202fPM", "2021-03-04T15:04:00Z"},
		{"auto", "04-Mar-2021 3 PM", "2021-03-04T15:00:00Z"},
		{"auto", "2021-Mar-04 12:30 p.m.", "2021-03-04T12:30:00Z"},
		{"auto", "1453770984", "2016-01-26T01:16:24Z"},
		{"auto", "1453770984.123", "2016-01-26T01:16:24.123Z"},
		{"auto", "1512085950.000216", "2017-11-30T23:52:30.000216Z"},
		{"auto", "1453770984123", "2016-01-26T01:16:24.123Z"},
		{"auto", "1453770984123456", "2016-01-26T01:16:24.123456Z"},
		{"epoch", "86400", "1970-01-02T00:00:00Z"},
		{"epoch", "-86400.5", "1969-12-30T23:59:59.5Z"},
		{"epoch_ms", "1453770984123.4567", "2016-01-26T01:16:24.1234567Z"},
		{"epoch_us", "1453770984123456", "2016-01-26T01:16:24.123456Z"},
		{"excel", "44197", "2021-01-01T00:00:00Z"},
		{"excel", "44197.524305555555", "2021-01-01T12:35:00Z"},
		{"excel", "44197.99999999999", "2021-01-02T00:00:00Z"},
		{"dmy", "03/04/2021", "2021-04-03T00:00:00Z"},
		{"mdy", "03/04/2021", "2021-03-04T00:00:00Z"},
		{"dmy", "3.4.21 7:08", "2021-04-03T07:08:00Z"},
		{"dmy", "3-4-69", "1969-04-03T00:00:00Z"},
		{"mdy", "3/4/2021, 12:08:09 AM", "2021-03-04T00:08:09Z"},
		{"mdy", "3/4/2021 12:08 PM -0500", "2021-03-04T17:08:00Z"},
		{"rfc2822", "02 Jan 06 15:04 MST", "2006-01-02T22:04:00Z"},
		{"rfc2822", "02 Jan 70 15:04 +0000", "1970-01-02T15:04:00Z"},
		{"%d.%m.%Y %H:%M", "1.2.2021 3:04", "2021-02-01T03:04:00Z"},
		{"%d.%m.%Y  %H:%M", "01.02.2021 03:04", "2021-02-01T03:04:00Z"},
		{"%m/%d/%y %I:%M %p", "02/01/21 12:04 pm", "2021-02-01T12:04:00Z"},
		{"%p %I:%M, %Y-%m-%d", "AM 12:04, 2021-02-01", "2021-02-01T00:04:00Z"},
		{"%A, %-d %B %Y um %H:%M Uhr %z", "Monday, 1 february 2021 um 03:04 Uhr +01:00", "2021-02-01T02:04:00Z"},
		{"%Y%m%d%H%M%S%f", "20210201030405123456", "2021-02-01T03:04:05.123456Z"},
		{"%Y-%jT%T", "2020-366T01:02:03", "2020-12-31T01:02:03Z"},
		{"%s", "1453770984.5", "2016-01-26T01:16:24.5Z"},
		{"100%% %F", "100% 2021-02-01", "2021-02-01T00:00:00Z"},
	} {
		got, warn, err := mustLayouts(t, c.layout).parse(c.in, utc)
		if err != nil || warn != "" {
			t.Errorf("%s: %q: %q, %v", c.layout, c.in, warn, err)
			continue
		}
		if s := got.Format(time.RFC3339Nano); s != c.want {
			t.Errorf("%s: %q is %s, want %s", c.layout, c.in, s, c.want)
		}
		if got.Location() != time.UTC {
			t.Errorf("%s: %q is not in UTC", c.layout, c.in)
		}
	}
}

func TestTimesRefused(t *testing.T) {
	for _, c := range []struct{ layout, in, want string }{
		{"auto", "", "not a time"},
		{"auto", "yesterday", "English"},
		{"auto", "2021-02-31T00:00:00Z", "no such day"},
		{"auto", "2021-13-01", "no such month"},
		{"auto", "2021-02-29", "no such day"},
		{"auto", "2021-02-01T25:00:00Z", "no such hour"},
		{"auto", "2021-02-01T24:00:01Z", "no such hour"},
		{"auto", "2021-02-01T12:60:00Z", "no such minute"},
		{"auto", "2021-02-01T12:30:60Z", "no such second"},
		{"auto", "2021-02-01T12:30:00+25:00", "no such offset"},
		{"auto", "2021-02-01T12:30:00 tomorrow", "no zone"},
		{"auto", "2021-02-01T12:30.5Z", "fraction of a minute"},
		{"auto", "2021-02-01 13:30 PM", "12-hour"},
		{"auto", "0000-00-00 00:00:00", "source.empty"},
		{"auto", "0001-01-01T00:00:00Z", "implausible"},
		{"auto", "9999-12-31T00:00:00Z", "implausible"},
		{"auto", "03/04/21", "two digits"},
		{"auto", "02 Jan 06 15:04 MST", "two digits"},
		{"auto", "Tuesday, 02-Jan-06 15:04:05 UTC", "two digits"}, // it was a Monday
		{"auto", "44197", "excel"},
		{"auto", "9999999999", "1980 to 2100"},
		{"auto", "123456789", "epoch"},
		{"auto", "1.45377E+09", "no part of a date"},
		{"epoch", "1.45377E+09", "exponent"},
		{"epoch", "99999999999999999999", "too many digits"},
		{"epoch", "999999999999999999", "implausible"},
		{"excel", "59", "no serial date"},
		{"dmy", "31/02/2021", "dmy (there is no such day"},
		{"dmy", "12/31/2021", "no such month"},
		{"mdy", "31/12/2021", "no such month"},
		{"dmy", "12/31-2021", "not two numbers and a year"},
		{"%d.%m.%Y", "01.02.2021 03:04", "something follows"},
		{"%d.%m.%Y %I:%M %p", "01.02.2021 13:04 pm", "12-hour"},
		{"%Y-%j", "2021-366", "no such day"},
		{"auto", strings.Repeat("2", 5000), "not a time"},
	} {
		got, _, err := mustLayouts(t, c.layout).parse(c.in, time.UTC)
		var te *timeError
		if !errors.As(err, &te) {
			t.Errorf("%s: %q is %v, %v", c.layout, clipTo(c.in, 40), got, err)
			continue
		}
		if !strings.Contains(err.Error(), c.want) || len(err.Error()) > 400 {
			t.Errorf("%s: %q: %v; want it to say %q", c.layout, clipTo(c.in, 40), err, c.want)
		}
	}
}

func TestTimesListTriedInOrder(t *testing.T) {
	l := mustLayouts(t, "iso", "dmy", "excel")
	for in, want := range map[string]string{"2021-04-03": "2021-04-03", "03/04/2021": "2021-04-03", "44289": "2021-04-03"} {
		if got, _, err := l.parse(in, time.UTC); err != nil || got.Format(time.DateOnly) != want {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	_, _, err := l.parse("31/02/2021", time.UTC)
	if err == nil || !strings.Contains(err.Error(), `"31/02/2021" cannot be read as a time; tried iso (`) || !strings.Contains(err.Error(), "dmy (there is no such day") {
		t.Error(err)
	}
}

func TestTimesNeedZone(t *testing.T) {
	l := mustLayouts(t, "auto")
	for _, in := range []string{"2019-09-28 22:06:16", "2019-09-28", "Mon Jan  2 15:04:05 2006"} {
		if _, _, err := l.parse(in, nil); !errors.Is(err, errNoZone) {
			t.Errorf("%q: %v", in, err)
		}
	}
	for _, in := range []string{"2019-09-28 22:06:16Z", "1453770984", "Mon, 05 May 2014 00:15:17 +0300"} {
		if _, _, err := l.parse(in, nil); err != nil {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestTimesInZone(t *testing.T) {
	paris, lord, apia := zone(t, "Europe/Paris"), zone(t, "Australia/Lord_Howe"), zone(t, "Pacific/Apia")
	for _, c := range []struct {
		in       string
		zone     *time.Location
		want     string
		wantWarn string
	}{
		{"2021-07-01 12:00:00", paris, "2021-07-01T10:00:00Z", ""},
		{"2021-01-01 12:00:00", paris, "2021-01-01T11:00:00Z", ""},
		{"2021-03-28 01:59:59", paris, "2021-03-28T00:59:59Z", ""},
		{"2021-03-28 02:30:00", paris, "2021-03-28T01:30:00Z", warnGap},
		{"2021-03-28 03:00:00", paris, "2021-03-28T01:00:00Z", ""},
		{"2021-10-31 01:59:59", paris, "2021-10-30T23:59:59Z", ""},
		{"2021-10-31 02:30:00", paris, "2021-10-31T00:30:00Z", warnOverlap},
		{"2021-10-31 03:00:00", paris, "2021-10-31T02:00:00Z", ""},
		{"2021-10-31 02:30:00 CET", paris, "2021-10-31T01:30:00Z", ""},
		{"2021-10-31 02:30:00 CEST", paris, "2021-10-31T00:30:00Z", ""},
		{"2021-04-04 01:45:00", lord, "2021-04-03T14:45:00Z", warnOverlap}, // half an hour
		{"2011-12-30 12:00:00", apia, "2011-12-30T22:00:00Z", warnGap},     // a whole day was skipped
		{"2021-07-01 12:00:00+00:00", paris, "2021-07-01T12:00:00Z", ""},
	} {
		got, warn, err := mustLayouts(t).parse(c.in, c.zone)
		if err != nil || warn != c.wantWarn || got.Format(time.RFC3339) != c.want {
			t.Errorf("%q in %s: %s %q %v; want %s %q", c.in, c.zone, got.Format(time.RFC3339), warn, err, c.want, c.wantWarn)
		}
	}
	for _, z := range []*time.Location{nil, paris} {
		if _, _, err := mustLayouts(t).parse("2021-07-01 12:00:00 MSK", z); err == nil || !strings.Contains(err.Error(), "MSK") {
			t.Errorf("an unknown abbreviation: %v", err)
		}
	}
}

func TestDayAndMonthSettledOverTheWholeInput(t *testing.T) {
	auto := mustLayouts(t)
	for _, in := range []string{"03/04/2021", "25/03/2021", "3.4.2021 10:00", "03-04-2021"} {
		if _, _, err := auto.parse(in, time.UTC); !errors.Is(err, errUnsettled) {
			t.Errorf("%q before the survey: %v", in, err)
		}
	}
	for _, c := range []struct {
		values []string
		want   string // 03/04/2021 reads so; or the error holds it
	}{
		{[]string{"03/04/2021", "25/04/2021", "2021-01-01"}, "2021-04-03"},
		{[]string{"03/04/2021 10:00", "04/25/2021"}, "2021-03-04"},
		{[]string{"03.03.2021"}, "2021-04-03"},
		{nil, "2021-04-03"},
		{[]string{"03/04/2021", "05/05/2021"}, "3 Apr 2021 (dmy) or 4 Mar 2021 (mdy)"},
		{[]string{"25/04/2021", "04/25/2021"}, "mixes both"},
		{[]string{"45/99/2021", "0/0/2021", "nonsense", "3/4/21"}, "2021-04-03"},
	} {
		for split := range len(c.values) + 1 {
			var a, b evidence
			for _, v := range c.values[:split] {
				a.add(v)
			}
			for _, v := range c.values[split:] {
				b.add(v)
			}
			a.merge(&b)
			l, err := a.settle()
			if err != nil {
				if !strings.Contains(err.Error(), c.want) {
					t.Errorf("%q: %v", c.values, err)
				}
				continue
			}
			got, _, err := l.parse("03/04/2021", time.UTC)
			if err != nil || got.Format(time.DateOnly) != c.want {
				t.Errorf("%q: %v %v, want %s", c.values, got, err, c.want)
			}
		}
	}
}

func TestSettledOrderRefusesTheOther(t *testing.T) {
	var e evidence
	e.add("25/04/2021")
	l, err := e.settle()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.parse("04/25/2021", time.UTC); err == nil || !strings.Contains(err.Error(), "no such month") {
		t.Error(err)
	}
}

func TestCompileLayoutsRefuses(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"DD/MM/YYYY"}, "strftime"},
		{[]string{"auto", "iso"}, "auto"},
		{[]string{"%H:%M"}, "no year"},
		{[]string{"%d.%m.%Y %I:%M"}, "%p"},
		{[]string{"%d.%m.%Y %c"}, "%c"},
		{[]string{"%d.%m.%Y %"}, "middle of a directive"},
	} {
		if _, err := compileLayouts(c.names); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v", c.names, err)
		}
	}
}

func TestTimesAllocateNothing(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	l := mustLayouts(t)
	for _, in := range []string{"2016-05-02T09:12:44Z", "2026-08-26T18:38:33.416987+00:00", "2019-09-28 22:06:16", "1453770984.123",
		"Mon, 05 May 2014 00:15:17 +0300"} {
		if n := testing.AllocsPerRun(100, func() { _, _, _ = l.parse(in, paris) }); n != 0 {
			t.Errorf("%q: %v allocations", in, n)
		}
	}
}

func BenchmarkTimes(b *testing.B) {
	paris := zone(b, "Europe/Paris")
	for _, c := range []struct{ name, layout, in string }{
		{"rfc3339", "auto", "2016-05-02T09:12:44Z"},
		{"zoneless", "auto", "2019-09-28 22:06:16"},
		{"rfc2822", "auto", "Mon, 05 May 2014 00:15:17 +0300"},
		{"epoch", "auto", "1453770984.123"},
		{"mdy", "mdy", "3/4/2021 12:08 PM"},
		{"strftime", "%d.%m.%Y %H:%M", "01.02.2021 03:04"},
	} {
		l := mustLayouts(b, c.layout)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _, _ = l.parse(c.in, paris)
			}
		})
	}
}

func FuzzTimes(f *testing.F) {
	for _, s := range []string{"2016-05-02T09:12:44Z", "Tue Oct 31 22:10:47 +0000 2017", "03/04/2021 3 PM", "1453770984.123", "44197.5", "Monday, 02-Jan-06 15:04:05 UTC",
		"2011-12-03T10:15:30+01:00[Europe/Paris]", "Mar 4th, 2021 at 3:04\u202fPM (x", "-", "1st 2nd"} {
		f.Add(s)
	}
	var all []*layouts
	for _, name := range append(layoutNames(), "%d.%m.%Y %H:%M", "%A %j %Y %p %I %z", "%s", "%y%m%d%f") {
		l, err := compileLayouts([]string{name})
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, l)
	}
	paris := zone(f, "Europe/Paris")
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range all {
			for _, z := range []*time.Location{nil, time.UTC, paris} {
				got, _, err := l.parse(s, z)
				if err != nil {
					continue
				}
				if y := got.Year(); y < firstYear-1 || y > lastYear+1 {
					t.Fatalf("%s: %q is in %d", l.list[0].name, s, y)
				}
				again, _, err := mustLayouts(t, "iso").parse(got.Format(time.RFC3339Nano), nil)
				if err != nil || !again.Equal(got) {
					t.Fatalf("%s: %q is %v, again %v %v", l.list[0].name, s, got, again, err)
				}
			}
		}
		var e evidence
		e.add(s)
		_, _ = e.settle()
		if _, err := compileLayouts([]string{s}); err == nil {
			_, _, _ = mustLayouts(t, s).parse("2021-01-01", time.UTC)
		}
	})
}
