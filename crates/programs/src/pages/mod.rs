//! The program on screen: what it says, its versions, and the workshop where the next one is written and planned.

mod overview;
mod plan;
mod versions;

use kernel::{Query, Registry};
use ui::{Change, Icon, NavSpec, PageSpec, ShownTo};

use crate::{GetDraft, GetProgram, ListVersions, ShowVersion};

pub fn install(registry: &mut Registry) {
    let entry = NavSpec { section: "Setup", label: "Program", icon: Icon::Law, order: 90, shown_to: ShownTo::Everyone };
    registry
        .add(PageSpec {
            path: "/program",
            permission: GetProgram::NAME,
            nav: Some(entry),
            render: |cx| Box::pin(overview::page(cx)),
        })
        .add(PageSpec {
            path: "/program/versions",
            permission: ListVersions::NAME,
            nav: None,
            render: |cx| Box::pin(versions::list(cx)),
        })
        .add(PageSpec {
            path: "/program/versions/{number}",
            permission: ShowVersion::NAME,
            nav: None,
            render: |cx| Box::pin(versions::page(cx)),
        })
        .add(PageSpec {
            path: "/program/plan",
            permission: GetDraft::NAME,
            nav: None,
            render: |cx| Box::pin(plan::page(cx)),
        });
}

/// Changes of the law as the list of differences shows them.
fn differences(changes: &[law::Change]) -> Vec<Change> {
    let shown = |value: &Option<serde_json::Value>| value.as_ref().map(text_of);
    changes.iter().map(|change| Change::new(change.path.clone(), shown(&change.old), shown(&change.new))).collect()
}

fn text_of(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
