package profile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

// refuse finds why nothing of the export can be imported. abouts are those of the presets.
func refuse(p *Profile, files []*fileSum, abouts []*mapping.About) {
	p.Refusal = damaged(p)
	if p.Refusal == "" {
		p.Refusal = p.foreign()
	}
	if p.Refusal != "" {
		return
	}
	refused := make([]*mapping.Refuse, len(files))
	why := ""
	for i, f := range files {
		if slices.ContainsFunc(p.Fits, func(fit Fit) bool { return slices.Contains(fit.Files, p.Files[i].Glob) }) {
			continue // another preset knows it: tables of a warehouse
		}
		for _, about := range abouts {
			r, say := refusalOf(about, f.first)
			if refused[i] = r; r != nil {
				if why == "" {
					why = say
				}
				break
			}
		}
	}
	if hasTexts(p, refused) {
		return
	}
	noTexts(p)
	switch {
	case why != "" && len(p.Fits) == 0:
		p.Refusal = why
	case len(p.Fits) == 0:
		p.Refusal = onlyTickets(p)
	}
}

// refusalOf finds the columns by which a preset refuses a file.
func refusalOf(about *mapping.About, f *sources.File) (*mapping.Refuse, string) {
	for i := range about.Refuse {
		one := mapping.About{Refuse: about.Refuse[i : i+1]}
		if say := one.Refusal(f); say != "" {
			return &about.Refuse[i], say
		}
	}
	return nil, ""
}

// hasTexts tells whether messages are anywhere in the export. In a file that a preset refuses, the columns that it is
// refused by hold none: Front's Extract is a piece of a text.
func hasTexts(p *Profile, refused []*mapping.Refuse) bool {
	for i := range p.Files {
		for j := range p.Files[i].Shapes {
			s := &p.Files[i].Shapes[j]
			if r := refused[i]; r != nil {
				if s.textBeside(r.Columns) {
					return true
				}
				s.Texts = 0
				continue
			}
			if s.Texts > 0 && s.Kind != People && s.Kind != Other || s.Best(Body) != "" && s.Field(s.Best(Body)).Filled > 0 {
				return true
			}
		}
	}
	return false
}

// textBeside tells whether a heading says that there are texts in other columns than these.
func (s *Shape) textBeside(columns []string) bool {
	for i := range s.Fields {
		f := &s.Fields[i]
		if f.Filled > 0 && isBodyName(plainName(f.Path)) && fits(f, Body) && !slices.ContainsFunc(columns, func(c string) bool { return strings.EqualFold(c, f.Path) }) {
			return true
		}
	}
	return false
}

// damaged says what stands in the way where nothing at all can be read.
func damaged(p *Profile) string {
	var records, bad int64
	var first *Bad
	for i := range p.Files {
		f := &p.Files[i]
		records += f.Records
		bad += f.Bad
		if first == nil && len(f.BadExamples) > 0 {
			first = &f.BadExamples[0]
		}
	}
	switch {
	case len(p.Files) == 0:
		return ""
	case records == 0:
		return p.Files[0].Name + ": it holds no record: export it again, and look at what was chosen for the export"
	case bad < records || first == nil:
		return ""
	}
	why := fmt.Sprintf("nothing of it can be read, it is damaged: %s: %s", first.Origin, first.Say)
	if !strings.Contains(first.Say, "export it again") {
		why += ", or export it again"
	}
	return why
}

// foreign names exports of products that are often taken for another one.
func (p *Profile) foreign() string {
	if len(p.Fits) > 0 {
		return ""
	}
	for i := range p.Files {
		f := &p.Files[i]
		for j := range f.Shapes {
			s := &f.Shapes[j]
			switch {
			case s.holds("case.case_id", "case.case_number"):
				return f.Name + ": this is an answer of omnidesk.ru's API, another product than the Omnidesk that deskferry reads; it is not read"
			case f.Format == string(sources.XML) && s.holds("nice-id", "requester-id"):
				p.Advice = append(p.Advice, f.Name+": this looks like Zendesk's XML export, and deskferry has no preset for it: ask for the JSON export "+
					"(Admin Center > Account > Tools > Reports > Export), which --mapping zendesk reads; this one takes a mapping of your own, and users.xml beside it for the addresses")
			}
		}
	}
	return ""
}

func (s *Shape) holds(paths ...string) bool {
	for _, path := range paths {
		if s.Field(path) == nil {
			return false
		}
	}
	return true
}

// onlyTickets is said of CSV files that list tickets and hold no text.
func onlyTickets(p *Profile) string {
	for i := range p.Files {
		f := &p.Files[i]
		for j := range f.Shapes {
			if f.Format == string(sources.CSV) && f.Shapes[j].Kind == Tickets {
				return f.Name + ": a list of tickets without their messages (0 texts): ask the old helpdesk for an export with messages (Zendesk: full JSON export, " +
					"Admin Center > Account > Tools > Reports > Export; Freshdesk: account export, Admin > Account > Export data; " +
					"HubSpot: the conversations API; others: conversations, threads or comments)"
			}
		}
	}
	return ""
}
