package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// migrations bring a ledger from the version at their index to the next. Each runs in one commit with the new version's
// number, so that a ledger is of one version or the other.
func migrations() [schemaVersion]string {
	return [schemaVersion]string{1: `
alter table run add column kind text not null default 'import';
alter table run add column who text not null default '';
alter table run add column host text not null default '';
alter table run add column pid integer;
alter table ticket add column wanted text not null default '';
alter table ticket add column wrote text not null default '';
alter table ticket add column writing text not null default '';
alter table ticket add column clash text not null default '';
alter table ticket add column seen integer;
alter table ticket add column removed integer;
alter table ticket add column shown integer not null default 0;
alter table ticket add column conflict text not null default '';
alter table ticket add column settled integer not null default 0;
alter table message add column elsewhere integer;
alter table message add column edited blob;
create index message_edited on message(ticket) where edited is not null;
create table source_file (
	source text not null,
	name   text not null,
	sum    text not null,
	size   integer not null,
	run    integer not null,
	primary key (source, name)
) strict, without rowid;
create table undoing (
	ticket integer not null references ticket(id),
	run    integer not null,
	asked  integer not null,
	primary key (ticket)
) strict;`}
}

// migrate brings the ledger from version v to this one's, after a copy of it was put beside it as FILE.vN.bak.
func (l *Ledger) migrate(v int) error {
	copied, err := l.backup(v)
	if err != nil {
		return fmt.Errorf("the ledger %s is of format %d and has to become %d, but it cannot be copied first: %w; nothing was changed: "+
			"make room beside it or let deskferry write there", l.path, v, schemaVersion, err)
	}
	if err := bringUp(l.writer, v); err != nil {
		return fmt.Errorf("bringing the ledger %s from format %d to %d: %w; the copy %s is as it was", l.path, v, schemaVersion, err, copied)
	}
	l.migrated = Migration{v, schemaVersion, copied}
	return nil
}

// Migrated tells whether opening the ledger has brought it from an older format to this one's.
func (l *Ledger) Migrated() (m Migration, yes bool) { return l.migrated, l.migrated.To != 0 }

// bringUp takes the steps from version v to this one's, each in a commit.
func bringUp(w *writer, v int) error {
	steps := migrations()
	for ; v < schemaVersion; v++ {
		err := w.do(func(t *tx) error {
			if _, err := t.conn.ExecContext(context.Background(), steps[v]); err != nil {
				return err
			}
			_, err := t.conn.ExecContext(context.Background(), fmt.Sprintf("pragma user_version = %d", v+1))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// maxBackups bounds the copies of one version: a ledger is migrated again only where an old one was put back.
const maxBackups = 100

// backup writes a copy of the ledger, with all that is committed, to a new file readable by its owner alone.
func (l *Ledger) backup(v int) (string, error) {
	var to string
	for n := 1; ; n++ {
		if to = fmt.Sprintf("%s.v%d.bak", l.path, v); n > 1 {
			to = fmt.Sprintf("%s.v%d-%d.bak", l.path, v, n)
		}
		f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err == nil {
			if err = f.Close(); err != nil {
				return "", err
			}
			break
		}
		if !errors.Is(err, fs.ErrExist) || n == maxBackups {
			return "", err
		}
	}
	// The file may be empty, not absent: so its rights are set before anything is in it.
	if _, err := l.writer.conn.ExecContext(context.Background(), `vacuum into ?`, to); err != nil {
		return "", errors.Join(err, os.Remove(to))
	}
	return to, syncFile(to)
}

// syncFile makes a file and its name durable.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if d, err := os.Open(filepath.Dir(path)); err == nil { // not every system opens or syncs a folder
		_ = d.Sync()
		_ = d.Close()
	}
	return nil
}

// usedBy names the version of deskferry that can read a ledger of a newer format.
func (l *Ledger) usedBy(ctx context.Context) string {
	var version string
	if err := l.db.QueryRowContext(ctx, `select version from run order by id desc limit 1`).Scan(&version); err != nil || version == "" {
		return "of the version that made it, or a newer one"
	}
	return version + " or a newer one"
}
