package files

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/singleflight"
)

// Keeper has the files of sources: from its store, else fetched into it. Each source is asked once a run, whatever came of
// it, and what was fetched is not asked again in later runs; what failed is, but for what was gone.
type Keeper struct {
	Store   *Store
	Fetcher *Fetcher // nil: nothing is fetched, what the store does not have is missing
	Gone    bool     // ask again for what was gone in an earlier run

	flights singleflight.Group
	mu      sync.Mutex
	tried   map[Sum]*Missing // in this run
	fetched atomic.Int64
	bytes   atomic.Int64
}

// maxTried bounds what is remembered of this run; a source over it may be asked twice.
const maxTried = 1 << 18

// Get returns the file of a source with a name and a content type in accord with what the export says. What cannot be had is a
// [*Missing]; any other error is broken plumbing or ctx's. Data is decoded, not stored: it is in the export.
func (k *Keeper) Get(ctx context.Context, s Source) (File, error) {
	if s.Data != "" {
		b, err := Decode(s)
		if err != nil {
			return File{}, err
		}
		return FileOf(s, b), nil
	}
	key := s.key()
	for {
		ran := false
		f, err, _ := k.flights.Do(string(key[:]), func() (any, error) {
			ran = true
			return k.get(ctx, s, key)
		})
		if err != nil && !ran && ctx.Err() == nil && errors.Is(err, context.Canceled) {
			continue // another's context, not ours
		}
		if err != nil {
			return File{}, err
		}
		return fit(f.(File), s), nil
	}
}

// fit gives a kept file the name and type of one of the attachments that lead to it.
func fit(f File, s Source) File {
	if strings.TrimSpace(s.Name) != "" {
		f.Name = SafeName(s.Name)
	}
	return f
}

// get looks in the store first.
func (k *Keeper) get(ctx context.Context, s Source, key Sum) (File, error) {
	k.mu.Lock()
	before := k.tried[key]
	k.mu.Unlock()
	if before != nil {
		return File{}, before
	}
	f, code, known, err := k.Store.index.fetched(key)
	switch {
	case err != nil:
		return File{}, err
	case known && code == "" && k.Store.has(f.Sum, f.Size):
		return f, nil
	case known && code == Gone && !k.Gone:
		return File{}, &Missing{Code: code}
	case k.Fetcher == nil && known && code != "":
		return File{}, &Missing{Code: code}
	case k.Fetcher == nil:
		return File{}, &Missing{Code: Unreachable, Detail: "it was not fetched"}
	}
	f, err = k.fetch(ctx, s)
	var m *Missing
	switch {
	case errors.As(err, &m):
		k.mu.Lock()
		if k.tried == nil || len(k.tried) >= maxTried {
			k.tried = map[Sum]*Missing{}
		}
		k.tried[key] = m
		k.mu.Unlock()
		if err := k.Store.index.putMissing(key, m.Code); err != nil {
			return File{}, err
		}
		return File{}, m
	case err != nil:
		return File{}, err
	}
	return f, k.Store.index.putFetched(key, f)
}

// fetch takes the file into the store.
func (k *Keeper) fetch(ctx context.Context, s Source) (File, error) {
	p, err := k.Store.create()
	if err != nil {
		return File{}, err
	}
	a, err := k.Fetcher.Fetch(ctx, s, p)
	if err != nil {
		p.drop()
		return File{}, err
	}
	f := File{Size: a.Size, Name: nameOf(s, a.Disposition), ContentType: ContentType(p.Head(), s.ContentType, a.ContentType)}
	if f.Sum, err = p.keep(); err == nil {
		k.fetched.Add(1)
		k.bytes.Add(f.Size)
	}
	return f, err
}

// Fetched counts the files that were fetched by this keeper, and their bytes.
func (k *Keeper) Fetched() (files, bytes int64) { return k.fetched.Load(), k.bytes.Load() }

// Bytes returns the content of a file that Get returned for s. A kept file that was damaged on the disk is fetched anew.
func (k *Keeper) Bytes(ctx context.Context, s Source, f File) ([]byte, error) {
	if s.Data != "" {
		return Decode(s)
	}
	b, err := k.Store.read(f.Sum, f.Size)
	if !errors.Is(err, errDamaged) {
		return b, err
	}
	if k.Fetcher == nil {
		return nil, missing(Unreachable, "the kept file is damaged")
	}
	again, err := k.fetch(ctx, s)
	if err != nil {
		return nil, err
	}
	if again.Sum != f.Sum {
		return nil, missing(Cut, "the kept file was damaged, and is another one now")
	}
	return k.Store.read(f.Sum, f.Size)
}

// Decode returns the bytes of a source that carries them.
func Decode(s Source) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s.Data), ""))
	if err != nil {
		return nil, missing(BadData, "it is not base64")
	}
	if len(b) == 0 {
		return nil, missing(Empty, "")
	}
	return b, nil
}

// FileOf describes bytes that are at hand.
func FileOf(s Source, b []byte) File {
	return File{Sum: sha256.Sum256(b), Size: int64(len(b)), Name: nameOf(s, ""), ContentType: ContentType(b[:min(len(b), maxHead)], s.ContentType)}
}

// Uploaded returns the account's URL of a content, "" when it has none yet.
func (k *Keeper) Uploaded(account string, sum Sum) (string, error) {
	return k.Store.index.uploaded(account, sum)
}

// SetUploaded remembers the account's URL of a content.
func (k *Keeper) SetUploaded(account string, sum Sum, url string) error {
	return k.Store.index.putUploaded(account, sum, url)
}

// Sent returns what a message was prepared with by SetSent, nil when nothing is known of it.
func (k *Keeper) Sent(account, ticket, message string) ([]byte, error) {
	return k.Store.index.sent(account, ticket, message)
}

// SetSent remembers what a message is sent with, for those who read it back; nil forgets it.
func (k *Keeper) SetSent(account, ticket, message string, files []byte) error {
	return k.Store.index.putSent(account, ticket, message, files)
}

// EachSent hands out all that SetSent was given for an account, by ticket.
func (k *Keeper) EachSent(account string, each func(ticket, message string, files []byte) error) error {
	return k.Store.index.sentAll(account, each)
}

// String says nothing of what is kept.
func (k *Keeper) String() string { return fmt.Sprintf("files in %s", k.Store.dir) }
