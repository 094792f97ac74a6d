package importer

import (
	"math"
	"slices"
	"time"
)

// hourClock tells the hour of the day in a zone. It remembers the offset of the last time, which most others share.
type hourClock struct {
	zone     *time.Location
	from, to int64 // Unix seconds between which offset holds
	offset   int64
}

func (c *hourClock) hour(t time.Time) int {
	s := t.Unix()
	if s < c.from || s >= c.to {
		in := t.In(c.zone)
		_, offset := in.Zone()
		c.offset = int64(offset)
		c.from, c.to = math.MinInt64, math.MaxInt64
		start, end := in.ZoneBounds()
		if !start.IsZero() {
			c.from = start.Unix()
		}
		if !end.IsZero() {
			c.to = end.Unix()
		}
	}
	const day = 24 * 60 * 60
	return int(((s+c.offset)%day + day) % day / 3600)
}

// zone is the zone that hours are told in: the mapping's for all inputs, else the one its inputs agree on, else UTC.
func (j *Job) zone() (string, *time.Location) {
	f := j.Mapping.File()
	names := []string{f.Source.Timezone}
	for i := range f.Inputs {
		if in := f.Inputs[i].Source.Timezone; f.Source.Timezone == "" && in != "" && in != names[0] {
			names = append(names, in)
		}
	}
	names = slices.DeleteFunc(names, func(s string) bool { return s == "" })
	if slices.Sort(names); len(slices.Compact(names)) == 1 {
		if zone, err := time.LoadLocation(names[0]); err == nil {
			return names[0], zone
		}
	}
	return "UTC", time.UTC
}
