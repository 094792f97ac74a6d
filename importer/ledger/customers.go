package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/deskferry/deskferry/importer"
)

// customerTable is made where it is missing, also in ledgers of before: a deskferry that does not know it leaves it alone,
// so the schema's version stays.
const customerTable = `create table if not exists customer (
	email  text primary key,   -- lower case
	target integer not null,   -- 0: the account has none
	seen   integer not null
) strict, without rowid`

func (l *Ledger) addCustomerTable() error {
	return l.writer.do(func(t *tx) error {
		_, err := t.conn.ExecContext(context.Background(), customerTable)
		if err != nil {
			return fmt.Errorf("making the ledger %s: %w", l.path, err)
		}
		return nil
	})
}

// Customers hands each everyone who was looked up in the account or learned from its answers, with the time. It is a
// cache: what is missing is looked up again.
func (l *Ledger) Customers(ctx context.Context, each func(importer.KnownCustomer)) error {
	var tables int
	if err := l.one(ctx, `select count(*) from sqlite_schema where type = 'table' and name = 'customer'`, nil, &tables); err != nil || tables == 0 {
		return err
	}
	return l.rows(ctx, func(r *sql.Rows) error {
		var c importer.KnownCustomer
		var seen sql.NullInt64
		if err := r.Scan(&c.Email, &c.ID, &seen); err != nil {
			return err
		}
		c.Seen = ofMillis(seen)
		each(c)
		return nil
	}, `select email, target, seen from customer`)
}

// KeepCustomers remembers what is known of customers; an older word about one of them is replaced.
func (l *Ledger) KeepCustomers(ctx context.Context, list []importer.KnownCustomer) error {
	for len(list) > 0 && ctx.Err() == nil {
		n := min(len(list), customersAtOnce)
		some := list[:n]
		list = list[n:]
		err := l.write(func(t *tx) error {
			for _, c := range some {
				seen := c.Seen
				if seen.IsZero() {
					seen = time.UnixMilli(0)
				}
				if _, err := t.exec(`insert into customer(email, target, seen) values(?1, ?2, ?3) on conflict(email) do update
					set target = ?2, seen = ?3 where seen <= ?3`, c.Email, c.ID, seen.UnixMilli()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// customersAtOnce is how many are written in one commit.
const customersAtOnce = 1000
