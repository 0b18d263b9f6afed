//! The way to the next tier: the smallest change that leads there, with its alternatives, for people.

use kernel::{Day, Timestamp};
use law::expr::Cycle;
use law::{Basis, Case, Combine, Path, View};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::progress::{Titles, sentence};
use crate::tier::{Rung, TierTerms};

/// More alternatives than these help nobody.
const MOST_WAYS: usize = 3;

/// What would lead into the next tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WayUp {
    /// The last day that counts: the end of the period in which tiers are given, or else of the quarter.
    pub by: Day,
    /// One sentence for people: the nearest way.
    pub text: String,
    /// Other ways in one sentence each, the nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<String>,
    /// The same with the figures, and whether they are exact.
    pub path: Path,
}

impl TierTerms {
    /// The way to the tier above the one that the figures give, by the end of the period; none in the highest tier.
    pub(crate) fn way_up(&self, case: &Case, basis: &Basis, now: Timestamp) -> Option<WayUp> {
        let next = self.rungs.get(self.figures_give(case)? + 1)?;
        let calendar = basis.calendar();
        let cycle = self.movement.promotion.cycle().unwrap_or(Cycle::Quarter);
        let end = calendar.period(cycle, 0, now).end.plus_micros(-1);
        let path = next.path(case.view(basis).at(now), Some(end), &self.titles);
        let by = calendar.day(end);
        let title = &next.title;
        let mut ways = path.ways.iter().map(law::Way::text);
        let text = match ways.next() {
            Some(way) => format!("The smallest change that would give {title} by {by}: {way}."),
            None if path.holds => format!("If nothing changes, the figures give {title} by {by}."),
            None => format!("Nothing that is measured leads to {title}."),
        };
        let alternatives = ways.collect();
        Some(WayUp { by, text, alternatives, path })
    }
}

impl Rung {
    /// What is missing for it, now or by a later date, in the words of the metrics' titles.
    pub(crate) fn path(&self, view: View<'_>, by: Option<Timestamp>, titles: &Titles) -> Path {
        let all: Vec<&law::Rule> = self.requires.iter().collect();
        let either: Vec<&law::Rule> = self.tracks.values().collect();
        let to = |view: View<'_>| Path::to_any(&all, &either, view, by);
        let field = self.by.as_deref().filter(|_| self.counts != Combine::Sum);
        let groups = field.map(|field| (field, view.texts_of(field))).filter(|(_, texts)| !texts.is_empty());
        let mut path = match groups {
            None => to(view),
            Some((field, texts)) if self.counts == Combine::Worst => {
                // The one that is farthest away, since each of them has to get there.
                let each = texts.iter().map(|text| ((*text).to_owned(), to(view.only(field, text))));
                let farthest = each.max_by_key(|(_, path)| path.ways.first().map_or(0, |way| way.gaps.len()));
                let mut path = Path::in_one_of(farthest);
                if texts.len() > 1 && !path.holds {
                    path.exact = false;
                    path.notes.push(format!("it must hold in every {field}; this one is the farthest from it"));
                }
                path
            }
            Some((field, texts)) => {
                Path::in_one_of(texts.into_iter().map(|text| (text.to_owned(), to(view.only(field, text)))))
            }
        };
        path.ways.truncate(MOST_WAYS);
        for gap in path.ways.iter_mut().flat_map(|way| &mut way.gaps) {
            let title = titles.get(&gap.measured).cloned().unwrap_or_else(|| sentence(&gap.measured));
            gap.text = gap.text.replacen(&gap.measured, &title, 1);
            gap.measured = title;
        }
        path
    }
}
