package report

import "github.com/deskferry/deskferry/importer"

// standing is where tickets that are not imported stand, and what brings them on.
type standing struct {
	Tickets     int64
	Name, After string
}

// standings says it of a verification.
func standings(all []importer.NotImportedSum) []standing {
	var out []standing
	for _, n := range all {
		s := standing{Tickets: n.Tickets}
		switch n.State {
		case "":
			s.Name, s.After = "never planned", "deskferry import brings them"
		case importer.StatePlanned:
			s.Name, s.After = "planned, not sent", "the same import goes on with them"
		case importer.StateMade:
			s.Name, s.After = "there in part", "the same import goes on with them"
		case importer.StateAsking, importer.StateDoubt:
			s.Name, s.After = "in doubt", "the next run looks for them"
		case importer.StateRefused:
			s.Name, s.After = "refused by Gorgias", "deskferry status says why; retry --rejected tries again"
		case importer.StateUndone:
			s.Name, s.After = "taken back", "import --again brings them back"
		case importer.StateHeld:
			s.Name, s.After = "held: "+n.Reason, "deskferry explain ticket.held."+n.Reason+" says what to do"
		default:
			s.Name = string(n.State)
		}
		out = append(out, s)
	}
	return out
}
