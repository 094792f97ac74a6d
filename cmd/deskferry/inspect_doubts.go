package main

import (
	"fmt"
	"strconv"

	"github.com/deskferry/deskferry/mapping/profile"
)

// doubts are what somebody should look at before an import, each with what to do.
func (in *inspection) doubts() {
	var list []string
	for i := range in.Files {
		f := &in.Files[i]
		if f.Sure < 0.95 && f.WhyUnsure != "" && f.Bad == 0 {
			list = append(list, in.where(f, nil, "")+f.WhyUnsure)
		}
		for k, b := range f.BadExamples {
			if k < 3 {
				list = append(list, fmt.Sprintf("%s: %s", shown(b.Origin), b.Say))
			}
		}
		if rest := f.Bad - 3; rest > 0 {
			list = append(list, fmt.Sprintf("%s%s more like that", in.where(f, nil, ""), count(rest, "unreadable record")))
		}
		for j := range f.Shapes {
			list = append(list, in.shapeDoubts(f, &f.Shapes[j])...)
		}
	}
	if len(list) == 0 {
		return
	}
	in.head("doubts")
	for _, d := range list {
		in.para("", " - ", d)
	}
}

func (in *inspection) shapeDoubts(f *profile.File, s *profile.Shape) (list []string) {
	for _, g := range s.Signs {
		list = append(list, in.where(f, s, g.Field)+g.Say)
	}
	if s.Blank > 0 {
		list = append(list, in.where(f, s, "")+plainly(s.Blank, "1 record holds nothing at all; it is skipped", "records hold nothing at all; they are skipped"))
	}
	warned := 0
	for i := range s.Fields {
		for _, w := range s.Fields[i].Warnings {
			if warned++; warned > shownDoubts {
				continue
			}
			text := in.where(f, s, s.Fields[i].Path) + w.Say
			if w.Example != "" {
				text += fmt.Sprintf(" (%s, such as %s)", count(w.Count, "value"), fit(strconv.Quote(w.Example), 40))
			}
			list = append(list, text)
		}
	}
	if warned > shownDoubts {
		list = append(list, fmt.Sprintf("%s%d more of this kind; --json has them all", in.where(f, s, ""), warned-shownDoubts))
	}
	return list
}

// next is the command that comes next.
func (in *inspection) next() {
	in.head("next")
	switch {
	case in.Refusal != "":
		in.para("", "   ", "get the export as is said above, and inspect that")
	case len(in.Fits) > 0 && in.Fits[0].Score >= fitsWell:
		in.b.WriteString("   deskferry check" + in.from + " --mapping " + in.Fits[0].Preset + "\n")
		in.para("", "   ", "or, to have what it asks for written down in a mapping of your own:")
		in.b.WriteString("   deskferry mapping suggest" + in.from + " --out mapping.yaml\n")
	default:
		in.b.WriteString("   deskferry mapping suggest" + in.from + " --out mapping.yaml\n")
	}
}
