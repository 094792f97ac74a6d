package importer

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/deskferry/deskferry/mapping"
)

// fileKey is how long a fingerprint is.
const fileKey = 16

// fileOf is a fingerprint of where the bytes of a file are, and its size; zero: not told.
func fileOf(a *mapping.Attachment) (key [fileKey]byte, size int64) {
	size = max(a.Size, 0)
	text := a.URL
	if text == "" {
		text = a.Data
		if size == 0 {
			size = int64(base64.StdEncoding.DecodedLen(len(a.Data)) - strings.Count(a.Data[max(0, len(a.Data)-2):], "="))
		}
	}
	return xxh3.HashString128(text).Bytes(), size
}

// toldOf is the size of a file, with a last bit that says whether the export holds its bytes.
func toldOf(size int64, carried bool) int64 {
	if carried {
		return size<<1 | 1
	}
	return size << 1
}

// toldFiles are files that were handed on lately, by their fingerprints: the logo of a signature is in every message.
type toldFiles [256]struct {
	key  sum
	told int64
}

// countFiles counts the files of the message and hands their fingerprints on, to tell them apart.
func (p *pass) countFiles(l *lane, m *mapping.Message, a *assembled) {
	for i := range m.Attachments {
		f := &m.Attachments[i]
		var key [fileKey]byte
		size, carried := f.Size, f.URL == ""
		if p.skeleton {
			copy(key[:], f.URL)
			carried = f.Data == carriedData
		} else {
			key, size = fileOf(f)
		}
		a.account.shape.file(size)
		at := sum{binary.BigEndian.Uint64(key[:]), binary.BigEndian.Uint64(key[8:])}
		told := toldOf(size, carried)
		lately := &l.files[at.lo%uint64(len(l.files))]
		if lately.key == at && lately.told == told {
			continue
		}
		lately.key, lately.told = at, told
		a.files = appendItem(a.files, at, func(b []byte) []byte { return binary.AppendVarint(b, told) })
	}
}

// distinctFiles counts the files that differ, and the bytes of those whose size is told somewhere.
func (p *pass) distinctFiles(ctx context.Context, to *AttachmentSums) error {
	if err := p.files.seal(ctx); err != nil {
		return err
	}
	var last sum
	var size int64
	var carried bool
	end := func() {
		to.DistinctBytes += size
		if carried {
			to.Carried++
			to.CarriedBytes += size
		}
	}
	for it, err := range p.files.all(ctx) {
		if err != nil {
			return fmt.Errorf("counting files: %w", err)
		}
		if to.Distinct == 0 || it.key != last {
			end()
			to.Distinct, last, size = to.Distinct+1, it.key, 0
		}
		told, _ := binary.Varint(it.bytes)
		size, carried = max(size, told>>1), told&1 == 1
	}
	end()
	return nil
}
