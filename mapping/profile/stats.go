package profile

import (
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

// typeCode is a [Type] as an index.
type typeCode uint8

const (
	tText typeCode = iota
	tInteger
	tDecimal
	tBoolean
	tTime
	tEmail
	tAddresses
	tHTML
	tURL
	tList
	tObject
	numTypes
)

func typeNames() [numTypes]Type {
	return [numTypes]Type{Text, Integer, Decimal, Boolean, Time, Email, Addresses, HTML, URL, List, Object}
}

func codeOf(t Type) typeCode {
	switch t {
	case Integer:
		return tInteger
	case Decimal:
		return tDecimal
	case Boolean:
		return tBoolean
	case Email:
		return tEmail
	case Addresses:
		return tAddresses
	case HTML:
		return tHTML
	case URL:
		return tURL
	case List:
		return tList
	case Object:
		return tObject
	}
	return tText
}

// warnCodes are the warnings that a single value can raise.
func warnCodes() []string {
	return []string{WarnExponent, WarnDecimal, WarnNewline, WarnEntity, WarnFormula, WarnMojibake, WarnReplaced, WarnZeroDate, WarnNull}
}

const numWarns = 9

// stats accumulates the values of a field.
type stats struct {
	filled, empty, null int64
	types               [numTypes]int64
	values              sample
	limit               int // of values
	examples            []string
	exampleHashes       []uint64

	minLen, maxLen int
	sumLen         int64
	atMax          int64 // values of maxLen
	lines          int64 // values of several lines

	lists        int64 // lists met
	full         [3]int64
	maxItems     int
	numbers      *mapping.TimeEvidence // of bare numbers; nil: none was a time
	times        *mapping.TimeEvidence // of all else
	timeMiss     int64
	unread       string
	warns        [numWarns]int64
	warnExamples [numWarns]string
	nothings     []string // words for nothing met; there are fewer than 20
}

// fullLists are the lengths at which lists are often cut.
func fullLists() [3]int { return [3]int{10, 100, 500} }

func (s *stats) met() int64 { return s.filled + s.empty + s.null }

func (s *stats) warn(code, example string) {
	i := slices.Index(warnCodes(), code)
	if s.warns[i]++; s.warns[i] == 1 {
		s.warnExamples[i] = example
	}
}

// addScalar takes a plain value of a document into account.
func (s *stats) addScalar(v *sources.Node) (filled bool, hash uint64) {
	switch v.Kind {
	case sources.Bool:
		s.filled++
		return true, s.addAs(v.Text, tBoolean)
	case sources.Number:
		s.filled++
		return true, s.addNumber(v.Text)
	}
	return s.addText(v.Text, false)
}

// addItem takes a plain item of a list into account: the list is the value, its items tell what it holds.
func (s *stats) addItem(v *sources.Node) (filled bool, hash uint64) {
	f, e, n := s.filled, s.empty, s.null
	types := s.types
	filled, hash = s.addScalar(v)
	s.filled, s.empty, s.null, s.types = f, e, n, types
	return filled, hash
}

func (s *stats) addList(size int) {
	s.lists++
	s.types[tList]++
	if size == 0 {
		s.empty++
		s.types[tList]--
		return
	}
	s.filled++
	s.maxItems = max(s.maxItems, size)
	for i, n := range fullLists() {
		if size == n {
			s.full[i]++
		}
	}
}

func (s *stats) addNumber(text string) uint64 {
	t := tInteger
	if strings.ContainsAny(text, ".eE") {
		t = tDecimal
		spoils(text, Decimal, false, func(code string) { s.warn(code, text) })
	}
	addTime(&s.numbers, text, true)
	return s.addAs(text, t)
}

// addText takes a cell or a document's string into account.
func (s *stats) addText(text string, row bool) (filled bool, hash uint64) {
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		s.empty++
		return false, 0
	case isNothing(trimmed):
		s.null++
		s.warn(WarnNull, trimmed)
		s.addNothing(trimmed)
		return false, hashOf(trimmed)
	}
	s.filled++
	t := typeOf(trimmed)
	code := codeOf(t)
	switch t {
	case Text:
		if len(trimmed) <= 60 && s.tryTimes() {
			if addTime(&s.times, trimmed, false) {
				code = tTime
			} else {
				s.missTime(trimmed)
			}
		}
	case Integer, Decimal:
		if s.tryTimes() {
			addTime(&s.numbers, trimmed, true)
		}
	}
	if code != tTime {
		spoils(trimmed, t, row, func(code string) { s.warn(code, trimmed) })
	}
	if strings.IndexByte(trimmed, '\n') >= 0 {
		s.lines++
	}
	return true, s.addAs(trimmed, code)
}

func (s *stats) addNothing(word string) {
	if !slices.Contains(s.nothings, word) {
		s.nothings = append(s.nothings, strings.Clone(word))
	}
}

// tryTimes tells whether values are worth trying as times: not once so many were none.
func (s *stats) tryTimes() bool {
	return s.timeMiss < 100 || s.times != nil && s.timeMiss < 4*s.times.Count
}

// addTime makes evidence only where there is some: most fields hold no time.
func addTime(to **mapping.TimeEvidence, text string, numbers bool) bool {
	if *to != nil {
		return (*to).Add(text, numbers)
	}
	var first mapping.TimeEvidence
	if !first.Add(text, numbers) {
		return false
	}
	kept := first
	*to = &kept
	return true
}

func mergeTimes(to **mapping.TimeEvidence, o *mapping.TimeEvidence) {
	if o == nil {
		return
	}
	if *to == nil {
		*to = new(mapping.TimeEvidence)
	}
	(*to).Merge(o)
}

func (s *stats) missTime(text string) {
	if s.timeMiss++; s.unread == "" {
		s.unread = text
	}
}

func (s *stats) addAs(text string, t typeCode) uint64 {
	s.types[t]++
	n := len(text)
	s.sumLen += int64(n)
	switch {
	case n > s.maxLen:
		s.maxLen, s.atMax = n, 1
	case n == s.maxLen:
		s.atMax++
	}
	if s.minLen == 0 || n < s.minLen {
		s.minLen = n
	}
	hash := hashOf(text)
	s.values.add(hash, text, 1, s.limit)
	if len(s.examples) < MaxExamples && !slices.Contains(s.exampleHashes, hash) {
		s.examples = append(s.examples, text)
		s.exampleHashes = append(s.exampleHashes, hash)
	}
	return hash
}

// merge adds a piece's values; texts are copied.
func (s *stats) merge(o *stats) {
	s.filled += o.filled
	s.empty += o.empty
	s.null += o.null
	for i := range o.types {
		s.types[i] += o.types[i]
	}
	s.values.merge(&o.values, s.limit, strings.Clone)
	for i, text := range o.examples {
		if len(s.examples) < MaxExamples && !slices.Contains(s.exampleHashes, o.exampleHashes[i]) {
			s.examples = append(s.examples, clip(text))
			s.exampleHashes = append(s.exampleHashes, o.exampleHashes[i])
		}
	}
	switch {
	case o.maxLen > s.maxLen:
		s.maxLen, s.atMax = o.maxLen, o.atMax
	case o.maxLen == s.maxLen:
		s.atMax += o.atMax
	}
	if s.minLen == 0 || o.minLen > 0 && o.minLen < s.minLen {
		s.minLen = o.minLen
	}
	s.sumLen += o.sumLen
	s.lines += o.lines
	s.lists += o.lists
	s.maxItems = max(s.maxItems, o.maxItems)
	for i := range o.full {
		s.full[i] += o.full[i]
	}
	mergeTimes(&s.numbers, o.numbers)
	mergeTimes(&s.times, o.times)
	s.timeMiss += o.timeMiss
	if s.unread == "" {
		s.unread = clip(o.unread)
	}
	for _, word := range o.nothings {
		s.addNothing(word)
	}
	for i := range o.warns {
		if s.warns[i] == 0 && o.warns[i] > 0 {
			s.warnExamples[i] = clip(o.warnExamples[i])
		}
		s.warns[i] += o.warns[i]
	}
}

func (s *stats) reset() {
	values, examples, hashes := s.values, s.examples[:0], s.exampleHashes[:0]
	values.reset()
	clear(s.examples)
	*s = stats{values: values, limit: s.limit, examples: examples, exampleHashes: hashes}
}
