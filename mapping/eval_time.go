package mapping

import (
	"errors"
	"strings"
	"time"
)

// timeReader reads the times of one field.
type timeReader struct {
	layouts *layouts
	auto    int            // index in Mapping.autos of a layout that the whole input settles; -1: the layouts are given
	zone    *time.Location // nil: the input's
	sent    bool           // sent_datetime has codes of its own
}

// convert reads v as a time; the result is a vTime or a vFailed.
func (w *Mapper) convert(t *timeReader, v val) val {
	switch v.kind {
	case vFailed, vTime:
		return v
	case vObject:
		w.failObject(v)
		return val{kind: vFailed}
	}
	if w.survey != nil {
		if t.auto >= 0 {
			w.survey.fields[t.auto].add(v.text)
		}
		return val{kind: vFailed}
	}
	l := t.layouts
	if t.auto >= 0 && w.settled != nil && w.settled[t.auto] != nil {
		l = w.settled[t.auto]
	}
	zone := t.zone
	if zone == nil && w.in != nil {
		zone = w.in.zone
	}
	at, warn, err := l.parse(v.text, zone)
	if err != nil {
		w.failTime(t, v.text, err)
		return val{kind: vFailed}
	}
	switch warn {
	case "":
	case warnGap:
		w.warn(codeTimeGap, v.text, "the clocks of "+zoneName(zone)+" skip that hour; it is read an hour later")
	default:
		w.warn(codeTimeOverlap, v.text, "the clocks of "+zoneName(zone)+" show that hour twice; it is read as the first")
	}
	return timeVal(at)
}

func zoneName(zone *time.Location) string {
	if zone == nil {
		return "the zone"
	}
	return zone.String()
}

func (w *Mapper) failTime(t *timeReader, text string, err error) {
	code := codeTimeUnreadable
	if t.sent {
		code = codeSentUnreadable
	}
	switch {
	case errors.Is(err, errUnsettled):
		w.out.Unsettled = w.out.Unsettled || w.settled == nil
		w.fail(codeTimeAmbiguous, text, "day and month cannot be told apart; add the layout: layout: dmy or layout: mdy")
	case errors.Is(err, errNoZone):
		w.fail(codeTimeNoZone, text, "state the zone of such times: source: { timezone: Europe/Amsterdam }")
	default:
		hint := err.Error()
		if te := (*timeError)(nil); errors.As(err, &te) {
			hint = te.why // one hint for all values that fail alike
		}
		w.fail(code, text, hint+"; mend it"+layoutFor(text, hint))
	}
}

// instant checks a time that is not a sent time.
func (w *Mapper) instant(v val) (time.Time, bool) {
	t := v.time()
	switch {
	case t.Unix() < 0:
		w.fail(codeTimeTooOld, t.Format(time.RFC3339), "mend it, or leave it empty; times before 1970 are not known to be kept")
	case t.After(w.now):
		w.fail(codeTimeFuture, t.Format(time.RFC3339), "mend it, or leave it empty; it lies after the run's own clock")
	default:
		return t, true
	}
	return time.Time{}, false
}

// layoutFor is the end of a hint about a text that is no time as it is read: a layout that may read it, "" where none can.
func layoutFor(text, said string) string {
	if strings.Contains(said, "write layout:") {
		return ""
	}
	text = plainSpaces(text)
	for _, name := range [...]string{"dmy", "mdy", "epoch", "epoch_ms", "epoch_us"} {
		l := layouts{list: []layout{{name: name}}}
		if len(text) >= len("1.1.2024") && len(text) <= maxTime && l.try(0, text, &civil{}) == "" {
			return ", or say how such times are to be read: layout: " + name
		}
	}
	if !dateShaped(text) || strings.Contains(said, "there is no such") {
		return ""
	}
	return ", or write how such times look: layout: \"%d.%m.%Y %H:%M\""
}

// dateShaped tells whether a pattern may read s: it has a day and a year at least, and no number of more digits than a date
// in one.
func dateShaped(s string) bool {
	if len(s) > maxTime {
		return false
	}
	const date, fraction = 8, 9
	numbers := 0
	for i := 0; i < len(s); i++ {
		n := digitRun(s, i)
		if n == 0 {
			continue
		}
		if numbers++; n > date && !(n <= fraction && i > 0 && s[i-1] == '.') {
			return false
		}
		i += n
	}
	return numbers >= 2
}
