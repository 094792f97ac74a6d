package suggest

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

// Copies counts tickets by whether the text that stands beside their messages is one of these.
type Copies struct {
	Equal     int64 // it is one of the messages
	Different int64 // it is none of them
	Alone     int64 // there are no messages
}

// likeness is what texts are compared by: the beginning, letters and digits only, so that HTML, quoting and line breaks do
// not make a difference.
func likeness(text string) string {
	const compared = 120
	if len(text) > 1<<14 {
		text = strings.ToValidUTF8(text[:1<<14], "")
	}
	if strings.Contains(text, "<") || strings.Contains(text, "&") {
		text = mapping.TextOfHTML(text)
	}
	var b strings.Builder
	n := 0
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			continue
		}
		if n++; n > compared {
			break
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// texts compares a record's own text with those of its messages, or keeps it for when these are met.
func (l *looker) texts(v *view, r *sources.Record) {
	switch {
	case v.root != nil && v.list != nil:
		if own := likeness(l.text(r, 0, v.root)); own != "" {
			v.copies.add(own, l.messageTexts(v, r))
		}
	case v.root != nil:
		if own := likeness(l.text(r, 0, v.root)); own != "" {
			l.joined.ticket(l.text(r, 0, v.id), own)
		}
	case v.list == nil && v.id != nil && len(v.bodies) > 0:
		for _, b := range v.bodies {
			if text := likeness(l.text(r, 0, b)); text != "" {
				l.joined.message(l.text(r, 0, v.id), text)
			}
		}
	}
}

func (l *looker) messageTexts(v *view, r *sources.Record) []string {
	var out []string
	for _, at := range walk(r, 0, v.list, nil) {
		for _, b := range v.bodies {
			if text := likeness(l.text(r, at, b)); text != "" {
				out = append(out, text)
			}
		}
	}
	return out
}

func (c *Copies) add(own string, messages []string) {
	switch {
	case len(messages) == 0:
		c.Alone++
	case slices.Contains(messages, own):
		c.Equal++
	default:
		c.Different++
	}
}

// joined compares tickets and messages that are records of their own, by the ticket's id, in whatever order they come. Of very
// many it looks at a part of the tickets, the same on both sides.
type joined struct {
	tickets map[uint64]uint64      // text by ticket
	texts   map[[2]uint64]struct{} // ticket and text, of messages
	met     map[uint64]struct{}    // tickets that have messages
	share   uint64                 // tickets are looked at whose hash is a multiple of it
}

// maxJoined is how many texts are kept.
const maxJoined = 200_000

func newJoined() *joined {
	return &joined{tickets: map[uint64]uint64{}, texts: map[[2]uint64]struct{}{}, met: map[uint64]struct{}{}, share: 1}
}

func hashed(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // it never fails
	return h.Sum64()
}

func (j *joined) ticket(id, text string) {
	if h := hashed(id); id != "" && h%j.share == 0 {
		j.tickets[h] = hashed(text)
		j.thin()
	}
}

func (j *joined) message(id, text string) {
	if h := hashed(id); id != "" && h%j.share == 0 {
		j.met[h] = struct{}{}
		j.texts[[2]uint64{h, hashed(text)}] = struct{}{}
		j.thin()
	}
}

// thin goes on with half of the tickets where there are too many.
func (j *joined) thin() {
	for len(j.tickets) > maxJoined || len(j.texts) > maxJoined {
		j.share *= 2
		for h := range j.tickets {
			if h%j.share != 0 {
				delete(j.tickets, h)
			}
		}
		for h := range j.met {
			if h%j.share != 0 {
				delete(j.met, h)
			}
		}
		for k := range j.texts {
			if k[0]%j.share != 0 {
				delete(j.texts, k)
			}
		}
	}
}

func (j *joined) copies() Copies {
	var c Copies
	for id, text := range j.tickets {
		_, has := j.met[id]
		_, same := j.texts[[2]uint64{id, text}]
		switch {
		case !has:
			c.Alone++
		case same:
			c.Equal++
		default:
			c.Different++
		}
	}
	return c
}
