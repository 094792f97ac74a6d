package sources

import (
	"strings"

	"github.com/emersion/go-message/textproto"
	"github.com/zeebo/xxh3"
)

// mailIDs is what joins a mail to others.
type mailIDs struct {
	own, reply string
	references []string // oldest first
	gmail      string   // the thread's number in Gmail
}

// idsOf reads the ids in a header. What is not in angle brackets is an id only where it stands alone.
func idsOf(h textproto.Header) mailIDs {
	ids := mailIDs{gmail: strings.TrimSpace(h.Get("X-Gm-Thrid")), references: idList(h.Get("References"))}
	if own := idList(h.Get("Message-Id")); len(own) > 0 {
		ids.own = own[0]
	}
	if reply := idList(h.Get("In-Reply-To")); len(reply) > 0 {
		ids.reply = reply[0]
	}
	return ids
}

func idList(s string) (ids []string) {
	s = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	for rest := s; ; {
		_, after, found := strings.Cut(rest, "<")
		if !found {
			break
		}
		id, after, found := strings.Cut(after, ">")
		if !found {
			break
		}
		if id = strings.Join(strings.Fields(id), ""); id != "" {
			ids = append(ids, id)
		}
		rest = after
	}
	if one := strings.TrimSpace(s); ids == nil && one != "" && !strings.ContainsAny(one, " <>") {
		ids = []string{one}
	}
	return ids
}

// maxReferences is how many of a mail's references join it to others: the first and the last.
const maxReferences = 20

// chain are the ids a mail is joined to, oldest first, itself excepted.
func (ids *mailIDs) chain() []string {
	list := ids.references
	if n := len(list); n > maxReferences {
		list = append(list[:1:1], list[n-maxReferences+1:]...)
	}
	if ids.reply != "" && (len(list) == 0 || list[len(list)-1] != ids.reply) {
		list = append(list[:len(list):len(list)], ids.reply)
	}
	return list
}

// threads knows which mails of a source belong together, by hashes of their ids: some 30 bytes a mail, and the text of one id a
// thread. It is filled once, in reading order, and only read from then on.
type threads struct {
	number map[uint64]uint32
	older  []uint32          // by number: the id that is next older; itself for the oldest known
	roots  map[uint32]string // the ids of the oldest
}

func newThreads() *threads {
	return &threads{number: map[uint64]uint32{}, roots: map[uint32]string{}}
}

// note takes in what a mail is joined to. Of two that are joined, the older one's root is the root of both.
func (t *threads) note(ids mailIDs) {
	last := uint32(0)
	list := ids.chain()
	if ids.own != "" {
		list = append(list[:len(list):len(list)], ids.own)
	}
	for i, id := range list {
		at := t.root(t.of64(id))
		if i > 0 {
			if up := t.root(last); up != at {
				t.older[at] = up
				delete(t.roots, at)
				at = up
			}
		}
		last = at
	}
}

// of64 is the number of an id, a new one where it was not met.
func (t *threads) of64(id string) uint32 {
	h := xxh3.HashString(id)
	n, met := t.number[h]
	if !met {
		n = uint32(len(t.older))
		t.number[h] = n
		t.older = append(t.older, n)
		t.roots[n] = strings.Clone(id)
	}
	return n
}

// root follows an id to the oldest known, and shortens the way.
func (t *threads) root(n uint32) uint32 {
	for t.older[n] != n {
		t.older[n] = t.older[t.older[n]]
		n = t.older[n]
	}
	return n
}

// settle shortens all ways to one step, so that of changes nothing.
func (t *threads) settle() {
	for n := range t.older {
		t.older[n] = t.root(uint32(n))
	}
}

// of is the thread of a mail: Gmail's number, else the oldest id it is joined to, over the whole source where t is not nil.
// own stands for the id of a mail that has none.
func (t *threads) of(ids mailIDs, own string) string {
	if ids.gmail != "" {
		return ids.gmail
	}
	list := append(ids.chain(), own)
	if t != nil {
		for _, id := range list {
			if n, met := t.number[xxh3.HashString(id)]; met {
				return t.roots[t.older[n]]
			}
		}
	}
	return list[0]
}
