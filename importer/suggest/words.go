package suggest

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// vocabulary is what words of helpdesks mean, in English, German, French, Spanish and Dutch. Keys are folded.
type vocabulary map[string]string

// vocab makes a vocabulary: target word, then the source words in any language, with commas between.
func vocab(pairs ...string) vocabulary {
	v := vocabulary{}
	for i := 0; i+1 < len(pairs); i += 2 {
		for w := range strings.SplitSeq(pairs[i+1], ",") {
			v[fold(w)] = pairs[i]
		}
	}
	return v
}

// lookup returns what a value means, "" where that is not known.
func (v vocabulary) lookup(value string) string { return v[fold(value)] }

// fold writes words that people take for the same alike: in lower case, without accents, with one blank for anything
// that is neither letter nor digit.
func fold(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'ß':
			b.WriteString("ss")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(r)
		default:
			gap = true
		}
	}
	return b.String()
}

// statusWords leaves out what is gone: whether deleted tickets and spam come along is the user's to say.
func statusWords() vocabulary {
	return vocab(
		"open", "open,opened,new,pending,hold,on hold,waiting,waiting on customer,waiting for customer,waiting on third party,waiting on contact,"+
			"waiting on us,in progress,active,reopened,assigned,unassigned,unresolved,awaiting reply,"+
			"neu,offen,geöffnet,wartend,wartet,warten auf kunde,wartet auf kunde,in bearbeitung,ausstehend,wiedereröffnet,erneut geöffnet,zurückgestellt,"+
			"nouveau,nouvelle,ouvert,ouverte,en cours,en attente,en suspens,rouvert,rouverte,"+
			"nuevo,nueva,abierto,abierta,pendiente,en curso,en proceso,en espera,reabierto,reabierta,"+
			"nieuw,geopend,in behandeling,in afwachting,wachtend,wacht op klant,heropend,lopend,in de wacht",
		"closed", "closed,close,solved,resolved,done,completed,finished,"+
			"gelöst,geloest,geschlossen,erledigt,abgeschlossen,beendet,"+
			"résolu,résolue,fermé,fermée,clos,close,clôturé,clôturée,terminé,terminée,traité,traitée,"+
			"resuelto,resuelta,cerrado,cerrada,finalizado,finalizada,terminado,terminada,solucionado,solucionada,completado,"+
			"opgelost,gesloten,afgehandeld,afgesloten,afgerond,voltooid",
	)
}

// goneWords are states of tickets hardly anyone wants to see again.
func goneWords() vocabulary {
	return vocab("gone", "deleted,trash,trashed,spam,junk,merged,gelöscht,papierkorb,supprimé,supprimée,corbeille,indésirable,"+
		"eliminado,eliminada,borrado,papelera,verwijderd,prullenbak")
}

func priorityWords() vocabulary {
	return vocab(
		"low", "low,lowest,minor,niedrig,gering,basse,bas,faible,baja,bajo,laag",
		"normal", "normal,medium,standard,mittel,normale,moyenne,moyen,media,medio,normaal,gemiddeld,middel",
		"high", "high,major,hoch,haute,haut,élevée,élevé,alta,alto,hoog",
		"critical", "critical,urgent,highest,blocker,emergency,dringend,kritisch,sehr hoch,urgente,critique,crítica,crítico,kritiek,spoed",
	)
}

func channelWords() vocabulary {
	return vocab(
		"email", "email,e-mail,mail,courriel,correo,correo electrónico,e-mails,emails",
		"contact_form", "web,web form,webform,website,form,contact form,contactform,portal,webformular,formular,kontaktformular,formulaire,formulario,formulier,contactformulier,web_widget",
		"chat", "chat,live chat,livechat,messenger,messaging,native_messaging,web messenger,beaconchat",
		"phone", "phone,call,calllog,voice,telephone,telefon,anruf,téléphone,appel,teléfono,llamada,telefoon,gesprek",
		"sms", "sms,text,text message", "whatsapp", "whatsapp", "facebook", "facebook", "twitter", "twitter",
		"facebook-messenger", "facebook messenger", "api", "api",
	)
}

// directionWords tell who wrote a message: "false" the customer, "true" the company, "note" the company for itself.
func directionWords() vocabulary {
	return vocab(
		"false", "in,incoming,inbound,received,customer,client,user,end user,enduser,requester,contact,visitor,lead,"+
			"eingehend,eingang,empfangen,kunde,kundin,entrant,entrante,reçu,cliente,recibido,recibida,inkomend,ontvangen,klant,usuario,usager,utilisateur",
		"true", "out,outgoing,outbound,sent,agent,staff,admin,operator,support,team,teammate,employee,company,"+
			"ausgehend,ausgang,gesendet,mitarbeiter,mitarbeiterin,sortant,sortante,envoyé,agente,saliente,enviado,enviada,uitgaand,verzonden,medewerker",
		"note", "note,internal,internal note,private,private note,notiz,interne notiz,intern,privat,interne,privé,note interne,nota,nota interna,interna,interno,privado,notitie,interne notitie",
	)
}

// roleWords tell who works for the company.
func roleWords() vocabulary {
	return vocab(
		"agent", "agent,admin,administrator,staff,owner,operator,light agent,employee,team member,teammate,mitarbeiter,mitarbeiterin,agente,administrador,administrateur,medewerker,beheerder",
		"customer", "end user,enduser,customer,client,user,contact,lead,visitor,requester,kunde,kundin,endbenutzer,cliente,usuario,utilisateur,klant,gebruiker",
	)
}

// truthWords are yes and no beyond those a mapping reads by itself.
func truthWords() vocabulary {
	return vocab("true", "true,t,yes,y,on,1,ja,j,oui,o,sí,s,wahr,vrai,verdadero,waar,x",
		"false", "false,f,no,n,off,0,nein,non,nee,falsch,faux,falso,onwaar")
}

// plainTruth tells whether a mapping reads the word as yes or no without a table.
func plainTruth(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "yes", "y", "t", "on", "1", "false", "no", "n", "f", "off", "0":
		return true
	}
	return false
}
