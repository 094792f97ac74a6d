package ledger

import (
	"context"
	"database/sql"
	"errors"
)

// SourceFile is a file of an export as a sync has read it.
type SourceFile struct {
	Name string // as the caller names it: one source's names are apart
	Sum  string // of its content
	Size int64
}

// Files returns the files that syncs of a source have read to the end, by name.
func (l *Ledger) Files(ctx context.Context, source string) (map[string]SourceFile, error) {
	out := map[string]SourceFile{}
	err := l.rows(ctx, func(r *sql.Rows) error {
		var f SourceFile
		err := r.Scan(&f.Name, &f.Sum, &f.Size)
		out[f.Name] = f
		return err
	}, `select name, sum, size from source_file where source = ?`, source)
	return out, err
}

// KeepFiles remembers that this run has brought over what the files of a source hold. Files that are not named stay known.
func (l *Ledger) KeepFiles(_ context.Context, source string, files []SourceFile) error {
	run := l.runID()
	if run == 0 {
		return errors.New("remembering files: no run was begun")
	}
	return l.write(func(t *tx) error {
		for _, f := range files {
			if _, err := t.exec(`insert into source_file(source, name, sum, size, run) values(?1, ?2, ?3, ?4, ?5)
				on conflict(source, name) do update set sum = ?3, size = ?4, run = ?5`, source, f.Name, f.Sum, f.Size, run); err != nil {
				return err
			}
		}
		return nil
	})
}
