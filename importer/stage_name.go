package importer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/deskferry/deskferry/sources"
	"github.com/deskferry/deskferry/sources/lanes"
)

// planFormat changes with the form of what a plan holds and with the rules that make it.
const planFormat = 5

// PlanName names the plan this job makes: by what its inputs hold, the mapping, and what is selected. Equal names mean
// equal plans. It reads the whole source.
func (j *Job) PlanName(ctx context.Context) (string, error) {
	content := xxh3.New()
	err := lanes.InOrder(ctx, j.lanes(), j.Source.Pieces(ctx), func(_ int, piece sources.Piece) (sum, error) {
		h := xxh3.New()
		for r, err := range piece.Records() {
			var bad *sources.BadRecord
			switch {
			case errors.As(err, &bad):
				hashText(h, bad.Origin.String(), bad.Code, string(bad.Raw))
			case err != nil:
				return sum{}, err
			case r.IsRow():
				hashRecord(h, r)
				hashText(h, r.Fields...)
			default:
				hashRecord(h, r)
				_, _ = h.Write(r.Raw)
			}
		}
		u := h.Sum128()
		return sum{u.Hi, u.Lo}, ctx.Err()
	}, func(s sum) error {
		var b [16]byte
		binary.LittleEndian.PutUint64(b[:], s.hi)
		binary.LittleEndian.PutUint64(b[8:], s.lo)
		_, err := content.Write(b[:])
		return err
	})
	if err != nil {
		return "", fmt.Errorf("reading the export to name its plan: %w", err)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%d\n%x\n%s\n%s\n%s\n%q\n%d\n%v\n", planFormat, content.Sum128().Bytes(), j.Mapping.Hash(),
		stampOf(j.Since), stampOf(j.Until), j.OnlyTicket, j.Limit, j.SendIncomplete)
	for _, f := range j.Files {
		fmt.Fprintf(h, "%q %q %q\n", f.Name, f.Modified, f.Columns)
	}
	if j.Only != nil {
		fmt.Fprintf(h, "only %q\n", slices.Sorted(maps.Keys(j.Only)))
	}
	if choices := j.Choices.Hash(); choices != "" {
		fmt.Fprintf(h, "people %s\n", choices)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

func hashRecord(h *xxh3.Hasher, r *sources.Record) {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:], uint64(r.Ordinal))
	binary.LittleEndian.PutUint64(b[8:], uint64(r.Origin.Line))
	_, _ = h.Write(b[:])
	hashText(h, r.Mends)
}

// hashText hashes texts so that where one ends and the next begins counts.
func hashText(h *xxh3.Hasher, texts ...string) {
	var n [4]byte
	for _, s := range texts {
		binary.LittleEndian.PutUint32(n[:], uint32(len(s)))
		_, _ = h.Write(n[:])
		_, _ = h.WriteString(s)
	}
}

func stampOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
