package sources

import (
	"context"
	"strings"
)

// standsFor is the base name of the file a rejects file's first record came from, "" for other files.
func (in *input) standsFor(ctx context.Context) (string, error) {
	if in.file.Format == CSV && in.table.origin < 0 {
		return "", nil
	}
	if in.file.Format == XML || in.file.Format == Mail || in.file.Format == JSON && !in.shape.mends {
		return "", nil
	}
	var origin string
	_, err := in.pieces(ctx, func(p Piece, err error) bool {
		if err != nil {
			return false
		}
		for r, err := range p.Records() {
			if err == nil && r.Mends != "" {
				origin = r.Mends
				break
			}
		}
		return false
	})
	if err != nil || origin == "" {
		return "", err
	}
	return baseName(originFile(origin)), nil
}

// originFile is the file's name in the text of an [Origin].
func originFile(s string) string {
	if strings.HasSuffix(s, "]") {
		if i := strings.LastIndexByte(s, '['); i >= 0 {
			s = s[:i]
			if i := strings.LastIndexByte(s, '#'); i >= 0 {
				s = s[:i]
			}
			return s
		}
	}
	if i := strings.LastIndexByte(s, ':'); i >= 0 {
		return s[:i]
	}
	return s
}
