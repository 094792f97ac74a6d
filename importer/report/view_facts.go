package report

import (
	"fmt"

	"github.com/deskferry/deskferry/importer"
)

// fact is a line of a list of names and values.
type fact struct{ Name, Value, Note string }

// facts leaves out those that count nothing, but for the first.
func facts(all ...countedFact) []fact {
	var out []fact
	for i, f := range all {
		if f.n > 0 || i == 0 {
			out = append(out, fact{f.name, number(f.n), f.note})
		}
	}
	return out
}

type countedFact struct {
	name string
	n    int64
	note string
}

func people(p importer.PeopleSums) []fact {
	agents := "wrote or were assigned"
	if !p.Asked && p.Agents > 0 {
		agents += "; an import asks the account which of them it has"
	}
	fallback, nameless := "of them, without one: the fallback agent stands in", p.Nameless
	if p.Asked && nameless > 0 { // they are among those without a user
		fallback += fmt.Sprintf("; %s for want of an e-mail", number(nameless))
		nameless = 0
	}
	return facts(
		countedFact{"Customers", p.Customers, "by e-mail"},
		countedFact{"– known", p.Known, "of them, to the account before this run"},
		countedFact{"– made up", p.Placeholders, "of them, without an e-mail of their own: people: no_email makes one"},
		countedFact{"Agents", p.Agents, agents},
		countedFact{"– matched", p.Matched, "of them, with a user of the account"},
		countedFact{"– fallback", p.Fallback, fallback},
		countedFact{"– nameless", nameless, "of them, without an e-mail: no user can be found, and the fallback agent stands in"},
		countedFact{"Unknown", p.Unknown, "of whom nothing tells whether agent or customer"},
		countedFact{"– messages", p.Undecided, "by them, or by nobody"},
	)
}

func cost(s *importer.Summary, dry bool) []fact {
	q := s.Requests
	var out []fact
	if q.Planned > 0 {
		note := fmt.Sprintf("%s, %s, %s, %s", plural(q.Creates, "create"), plural(q.Appends, "append"), plural(q.Lookups, "look-up"), plural(q.Probes, "probe"))
		if q.Updates > 0 {
			note += ", " + plural(q.Updates, "update")
		}
		if q.Uploads > 0 {
			note += ", " + plural(q.Uploads, "upload")
		}
		out = append(out, fact{"Requests", number(q.Planned), note}, fact{"Time", hours(q.HoursAtQuota), "at the account's quota of requests"})
	}
	if q.Uploads > 0 {
		up := fact{"Uploads", size(q.UploadBytes), fmt.Sprintf("in %s, as far as the export tells sizes", plural(q.Uploads, "file"))}
		if q.UploadBytes == 0 {
			up = fact{"Uploads", plural(q.Uploads, "file"), "of unknown size: the export does not tell it"}
		}
		out = append(out, up)
	}
	if q.Billable > 0 {
		out = append(out, fact{"Billing", plural(q.Billable, "ticket"), "with an agent's answer, which is what Gorgias bills for; whether it bills for imported ones is not known: ask before a large import"})
	}
	if !dry && q.Made > 0 {
		out = append(out, fact{"Made", plural(q.Made, "request"), "of this run"})
	}
	return out
}
