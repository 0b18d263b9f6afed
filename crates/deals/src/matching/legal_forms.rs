//! The legal forms that follow (or lead) a company's name in many languages, and words that only glue names together.
//!
//! Entries are written the way [`super::name`] sees them: plain lower-case letters, dots gone, and single letters run
//! together (`S.à r.l.` is `sarl`, `z o.o.` is `zoo`).

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Removed at the end of a name, longest first, until nothing more matches.
const TRAILING: &str = "\
    ag, kg, kgaa, ohg, gbr, mbh, ug, ev, eg, ek, ekfm, ekfr, kdoer, \
    gmbh co kg, ug haftungsbeschrankt, haftungsbeschrankt, gesellschaft mit beschrankter haftung, \
    gesellschaft mit beschraenkter haftung, aktiengesellschaft, kommanditgesellschaft, offene handelsgesellschaft, \
    eingetragener verein, gesellschaft, gesellschaft mbh, ges mbh, \
    ltd, limited, private limited, pvt limited, p limited, proprietary limited, public limited company, \
    limited liability company, limited liability partnership, limited partnership, limited company, lp, llp, lllp, \
    pc, pllc, inc, incorporated, corp, corporation, co, company, chartered, \
    sa, sas, sasu, eurl, snc, sca, sci, scs, scp, scop, gie, selarl, cie, compagnie, societe anonyme, \
    societe a responsabilite limitee, societe par actions simplifiee, sa rl, enr, ltee, limitee, \
    spa, srls, sapa, societa per azioni, societa a responsabilita limitata, soc coop, scarl, scpa, sas di, \
    sl, slu, sll, slp, slne, sau, sal, sae, scoop, scl, sociedad anonima, sociedad limitada, \
    sociedad de responsabilidad limitada, sociedad limitada unipersonal, sociedad anonima de capital variable, \
    sa de cv, sab de cv, s de rl de cv, s de rl, sde rl de cv, sapi de cv, de cv, cv, rl, \
    lda, ltda, limitada, sociedade anonima, eireli, me, epp, unipessoal lda, sgps, \
    nv, bv, vof, vzw, cvba, asbl, scrl, besloten vennootschap, naamloze vennootschap, stichting, \
    ab, as, asa, ans, da, ba, ks, hb, kb, publ, aktiebolag, aktieselskab, aksjeselskap, anpartsselskab, is, ivs, amba, \
    oy, ky, tmi, osakeyhtio, ab oy, oy ab, ehf, hf, sf, slf, ses, \
    spol sro, spolecnost srucenim omezenym, akciova spolecnost, vos, ks, druzstvo, spol, \
    sp zoo, sp z oo, spolka zoo, spolka z oo, spolka z ograniczona odpowiedzialnoscia, spolka akcyjna, spolka jawna, \
    sp j, sp jawna, sp k, sp komandytowa, spk, spj, zoo, \
    kft, bt, rt, kkt, korlatolt felelossegu tarsasag, reszvenytarsasag, \
    doo, dd, dno, jdoo, dooel, ad, ead, et, kd, drustvo s ogranicenom odgovornoscu, sh p k, shpk, sha, \
    sc, scs, pfa, sia, uab, mb, ii, ou, fie, mtu, osauhing, aktsiaselts, \
    ooo, oao, zao, ao, pao, nao, too, ip, tov, pat, prat, tdv, ood, eood, dzzd, \
    jsc, ojsc, cjsc, pjsc, psc, joint stock company, wll, bsc, fzco, fze, fzc, fz llc, dmcc, kscc, ksc, qsc, saog, \
    ae, epe, ike, oe, ee, mepe, anonimi etairia, \
    as, ltd sti, sti, anonim sirketi, limited sirketi, sirketi, tic ltd sti, san ve tic ltd sti, san ve tic, \
    pt, tbk, pte, pty, pvt, sdn bhd, bhd, berhad, public company, pcl, jsc, joint stock, cong ty, tnhh, cp, \
    kk, gk, yk, kabushiki kaisha, godo kaisha, kabushikigaisha, co limited, youxian gongsi, chusik hoesa, \
    oy ltd, se, sce, eeig, eewiv, lc, pa, na";

/// Unmistakable wherever they stand: `Siemens Schuckert GmbH Wien`.
const ANYWHERE: &str = "\
    gmbh, ggmbh, gesmbh, ltd, llc, llp, lllp, plc, pllc, inc, sarl, sarlu, srl, srls, sprl, sprlu, bvba, kft, zrt, nyrt, \
    doo, jdoo, ood, eood, aps, oyj, sro, spzoo, pty, pvt, sdn, bhd, kgaa, sasu, eurl, ltda, kabushiki, gaisha";

/// Removed at the beginning of a name.
const LEADING: &str = "\
    ooo, oao, zao, ao, pao, nao, too, tov, pat, prat, uab, ab, as, sia, ou, oy, pt, sc, kk, firma, firm, the, cong ty, \
    cong ty tnhh, cong ty cp, stichting, sociedad, societe, ditta, spolka, messrs";

/// Native-script forms, removed before transliteration turns them into sounds.
const NATIVE: &[&str] = &[
    "株式会社",
    "有限会社",
    "合同会社",
    "合資会社",
    "合名会社",
    "(株)",
    "(有)",
    "(同)",
    "股份有限公司",
    "有限责任公司",
    "有限責任公司",
    "有限公司",
    "集团公司",
    "주식회사",
    "유한회사",
    "유한책임회사",
    "(주)",
    "(유)",
    "บริษัท",
    "จำกัด",
    "(มหาชน)",
    "ห้างหุ้นส่วน",
    "בע\"מ",
    "בע״מ",
    "בעמ",
    "ش.م.م",
    "ش.م.ع",
    "ش.م.ك",
    "ذ.م.م",
    "شركة",
    "общество с ограниченной ответственностью",
    "акционерное общество",
    "публичное акционерное общество",
    "закрытое акционерное общество",
    "открытое акционерное общество",
    "товариство з обмеженою відповідальністю",
];

/// Words that join names and carry nothing: `Smith and Sons`, `Weber und Söhne`.
const CONNECTORS: &[&str] = &["and", "und", "et", "og", "och", "ed", "ja", "och", "ve"];

/// Short forms that everybody writes, to the word they stand for.
const SHORT_FORMS: &[(&str, &str)] = &[
    ("assn", "association"),
    ("assoc", "associates"),
    ("bldg", "building"),
    ("bros", "brothers"),
    ("centre", "center"),
    ("constr", "construction"),
    ("ctr", "center"),
    ("distr", "distribution"),
    ("elec", "electric"),
    ("engg", "engineering"),
    ("engr", "engineering"),
    ("gebr", "gebruder"),
    ("govt", "government"),
    ("grp", "group"),
    ("hldg", "holding"),
    ("hldgs", "holdings"),
    ("hosp", "hospital"),
    ("inds", "industries"),
    ("ins", "insurance"),
    ("inst", "institute"),
    ("intl", "international"),
    ("labs", "laboratories"),
    ("mfg", "manufacturing"),
    ("mgmt", "management"),
    ("mgt", "management"),
    ("mktg", "marketing"),
    ("natl", "national"),
    ("pharma", "pharmaceuticals"),
    ("prod", "products"),
    ("svc", "service"),
    ("svcs", "services"),
    ("sys", "systems"),
    ("techs", "technologies"),
    ("telecom", "telecommunications"),
    ("transp", "transport"),
    ("univ", "university"),
];

/// Words so usual in company names that sharing them means little.
const COMMONPLACE: &str = "\
    group groupe gruppe grupo gruppo groep holding holdings beteiligungen international internationale internacional \
    internazionale global worldwide world national euro europe european europa america american asia services service \
    servicios servizi dienstleistungen solutions solution solucoes soluciones losungen systems system systeme sistemas \
    sistemi technologies technology technologie technologien tecnologia tech it digital trading trade handel handels \
    comercio consulting consultants consultancy beratung partners partner associates association industries industrie \
    industrial industria enterprises enterprise ventures venture capital invest investment investments management \
    verwaltung products produkte products distribution vertrieb logistics logistik construction bau engineering media \
    marketing agency center shop store online new first general united city";

fn listed(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.split(',').map(str::trim)
}

static TRAILING_SET: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| listed(TRAILING).chain(listed(ANYWHERE)).collect());
static ANYWHERE_SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| listed(ANYWHERE).collect());
static LEADING_SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| listed(LEADING).collect());
static COMMONPLACE_SET: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| COMMONPLACE.split_ascii_whitespace().collect());
static SHORT_FORM_MAP: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| SHORT_FORMS.iter().copied().collect());

/// The most words that a listed form has.
const LONGEST: usize = 6;

/// Takes legal forms off both ends and out of the middle; leaves at least one word.
pub(super) fn strip(words: &mut Vec<String>) {
    loop {
        let before = words.len();
        strip_end(words, &TRAILING_SET, |words, n| words.len() - n..words.len());
        strip_end(words, &LEADING_SET, |_, n| 0..n);
        if words.len() > 1
            && let Some(at) = words.iter().position(|word| ANYWHERE_SET.contains(word.as_str()))
        {
            words.remove(at);
        }
        if words.len() == before {
            return;
        }
    }
}

fn strip_end(
    words: &mut Vec<String>,
    forms: &HashSet<&'static str>,
    range: impl Fn(&[String], usize) -> std::ops::Range<usize>,
) {
    let most = LONGEST.min(words.len().saturating_sub(1));
    for n in (1..=most).rev() {
        let range = range(words, n);
        let found = match &words[range.clone()] {
            [word] => forms.contains(word.as_str()),
            several => forms.contains(several.join(" ").as_str()),
        };
        if found {
            words.drain(range);
            return;
        }
    }
}

/// Takes native-script legal forms out of a folded text, unless that would leave nothing.
pub(super) fn strip_native(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut kept = text.to_owned();
    for form in NATIVE {
        if kept.contains(form) {
            let without = kept.replace(form, " ");
            if without.chars().any(char::is_alphanumeric) {
                kept = without;
            }
        }
    }
    kept
}

pub(super) fn is_connector(word: &str) -> bool {
    CONNECTORS.contains(&word)
}

pub(super) fn is_commonplace(word: &str) -> bool {
    COMMONPLACE_SET.contains(word)
}

pub(super) fn full_form(word: &str) -> Option<&'static str> {
    SHORT_FORM_MAP.get(word).copied()
}
