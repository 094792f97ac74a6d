package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Flaw is something in a ledger that cannot be so.
type Flaw struct {
	What     string   `json:"what"`
	Count    int64    `json:"count"`
	Examples []string `json:"examples"` // the first of them: tickets, or the database's own words
}

// flawExamples is how many examples a flaw has.
const flawExamples = 5

// invariants are what holds of every ledger at every moment; each query returns what it does not hold for.
func invariants() []struct{ what, query string } {
	const whose = `select t.key from ticket t where `
	const open = `exists (select 1 from attempt a where a.ticket = t.id and a.settled_at is null)`
	const unsettled = `(t.state in ('asking','doubt') or t.state = 'held' and t.reason = 'unknown')`
	return []struct{ what, query string }{
		{"tickets in doubt without a request that is open", whose + unsettled + ` and not ` + open},
		{"tickets with an open request that are not in doubt", whose + `not ` + unsettled + ` and ` + open},
		{"tickets in Gorgias without its id", whose + `t.state in ('made','done') and t.target is null`},
		{"tickets with an id in Gorgias that are not there", whose + `t.state in ('planned','undone') and t.target is not null`},
		{"tickets that are done with a message that is not", whose + `t.state = 'done' and exists (select 1 from message m where m.ticket = t.id and m.target is null)`},
		{"tickets with messages in Gorgias that are not there themselves", whose + `t.target is null and t.state <> 'asking'
			and exists (select 1 from message m where m.ticket = t.id and m.target is not null and m.elsewhere is null)`},
		{"held tickets without a reason", whose + `t.state = 'held' and t.reason = ''`},
		{"tickets that share one of Gorgias", whose + `t.target in (select target from ticket where target is not null group by target having count(*) > 1)`},
		{"messages that share one of Gorgias", `select t.key from ticket t join message m on m.ticket = t.id
			where m.elsewhere is null and m.target in (select target from message where target is not null and elsewhere is null group by target having count(*) > 1) group by t.key`},
		{"tickets whose id in Gorgias is of one that was deleted", whose + `t.target in (select target from dead)`},
		{"requests of runs that nobody knows", `select t.key from ticket t join attempt a on a.ticket = t.id where a.run not in (select id from run) group by t.key`},
		{"tickets that fewer requests were made for than their count says, or more",
			`select t.key from ticket t left join (select ticket, count(*) as n from attempt group by ticket) a on a.ticket = t.id where t.attempts <> coalesce(a.n, 0)`},
		{"messages without a ticket", `select cast(m.id as text) from message m where m.ticket not in (select id from ticket)`},
	}
}

// Check holds the file and everything in it against what must be so; no flaws mean that the ledger can be trusted. It only
// reads, and may be asked while a run writes.
func (l *Ledger) Check(ctx context.Context) ([]Flaw, error) {
	tx, err := l.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // one moment for all questions
	if err != nil {
		return nil, l.reading(err)
	}
	defer func() { _ = tx.Rollback() }()
	flaws := []Flaw{}
	look := func(what, query string, good string) error {
		f := Flaw{What: what}
		rows, err := tx.QueryContext(ctx, query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			if text == good {
				continue
			}
			if f.Count++; len(f.Examples) < flawExamples {
				f.Examples = append(f.Examples, text)
			}
		}
		if f.Count > 0 {
			flaws = append(flaws, f)
		}
		return rows.Err()
	}
	// A file that is damaged may not answer the other questions at all.
	err = look("places where the file itself is damaged", `select integrity_check from pragma_integrity_check`, "ok")
	if err == nil && len(flaws) == 0 {
		for _, i := range invariants() {
			if err = look(i.what, i.query, "\x00"); err != nil {
				break
			}
		}
	}
	if err != nil {
		err = errors.Join(fmt.Errorf("checking the ledger %s", l.path), err)
	}
	return flaws, err
}
