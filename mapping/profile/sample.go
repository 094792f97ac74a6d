package profile

import (
	"math"
	"math/bits"

	"github.com/zeebo/xxh3"
)

// sample counts different values in bounded memory: exactly up to its limit, then of every second, fourth, … value by
// hash (distinct sampling). What it holds does not depend on the order of values, nor on how they were divided between
// samples that are merged. Its zero value is empty; the limit is given with each call, so that it costs nothing.
type sample struct {
	level  uint8 // only hashes that end with so many zero bits are kept
	bare   bool  // there were too many or too long values to keep their texts
	counts map[uint64]int64
	texts  map[uint64]string // of all counts, unless bare
}

func hashOf(s string) uint64 { return xxh3.HashString(s) }

// add counts a value n times.
func (s *sample) add(hash uint64, text string, n int64, limit int) {
	if bits.TrailingZeros64(hash) < int(s.level) {
		return
	}
	before := s.counts[hash]
	if before == 0 && s.counts == nil {
		s.counts = map[uint64]int64{}
	}
	s.counts[hash] = before + n
	if before > 0 {
		return
	}
	switch {
	case s.bare:
	case len(text) > maxValue || len(s.counts) > MaxValues:
		s.strip()
	default:
		if s.texts == nil {
			s.texts = map[uint64]string{}
		}
		s.texts[hash] = text
	}
	for len(s.counts) > limit {
		s.raise(s.level + 1)
	}
}

// raise drops what is not kept at a level.
func (s *sample) raise(level uint8) {
	s.level = level
	for h := range s.counts {
		if bits.TrailingZeros64(h) < int(level) {
			delete(s.counts, h)
		}
	}
}

func (s *sample) strip() {
	s.bare = true
	clear(s.texts)
}

// merge adds what o holds; keep copies texts, so that they do not hold on to a whole file.
func (s *sample) merge(o *sample, limit int, keep func(string) string) {
	if o.bare && !s.bare {
		s.strip()
	}
	if o.level > s.level {
		s.raise(o.level)
	}
	for h, n := range o.counts {
		text := ""
		if !s.bare && s.counts[h] == 0 {
			text = keep(o.texts[h])
		}
		s.add(h, text, n, limit)
	}
}

func (s *sample) reset() {
	clear(s.counts)
	clear(s.texts)
	*s = sample{counts: s.counts, texts: s.texts}
}

// distinct is the number of different values; an estimate where exact is false.
func (s *sample) distinct() (n int64, exact bool) {
	return int64(len(s.counts)) << s.level, s.level == 0
}

// repeats is how often a value comes on average.
func (s *sample) repeats() float64 {
	sum := s.sum()
	if sum == 0 {
		return 0
	}
	return math.Round(float64(sum)/float64(len(s.counts))*1000) / 1000
}

func (s *sample) sum() (n int64) {
	for _, k := range s.counts {
		n += k
	}
	return n
}

// again is how many values had come before, and the smallest hash of one that did.
func (s *sample) again() (n int64, hash uint64) {
	for h, k := range s.counts {
		if k > 1 {
			n += k - 1
			if hash == 0 || h < hash {
				hash = h
			}
		}
	}
	return n << s.level, hash
}
