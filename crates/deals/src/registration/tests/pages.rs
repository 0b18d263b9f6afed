use jiff::tz::TimeZone;
use trial::both_databases;
use ui::{PageCx, PageSpec};

use super::*;

async fn page(t: &Trial, actor: &Actor, spec: &'static str, deal: Option<DealId>) -> String {
    let specs = t.app.registry().parts::<PageSpec>();
    let found = specs.iter().find(|page| page.path == spec).unwrap();
    let params: BTreeMap<String, String> = deal.map(|deal| ("deal".to_owned(), deal.to_string())).into_iter().collect();
    let cx = PageCx {
        app: t.app.clone(),
        actor: actor.clone(),
        now: t.now(),
        zone: TimeZone::UTC,
        path: spec.to_owned(),
        params,
        query: Vec::new(),
        csrf: "csrf".to_owned(),
        refilled: None,
    };
    let view = (found.render)(&cx).await.unwrap();
    let line = view.line.map(|line| line.0).unwrap_or_default();
    format!("{} {line} {} {}", view.title, view.actions.map(|actions| actions.0).unwrap_or_default(), view.body.0)
}

/// A page by its path as that reader sees it.
pub(crate) async fn page_at(t: &Trial, actor: &Actor, path: &str, query: &[(&str, &str)]) -> kernel::Result<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |pattern: &str| {
        let wanted: Vec<&str> = pattern.split('/').collect();
        wanted.len() == parts.len() && wanted.iter().zip(&parts).all(|(w, p)| w.starts_with('{') || w == p)
    };
    let specs = t.app.registry().parts::<PageSpec>();
    let found = specs.iter().find(|page| page.path == path).or_else(|| specs.iter().find(|page| fits(page.path)));
    let found = found.unwrap();
    let named = found.path.split('/').zip(&parts);
    let params = named
        .filter_map(|(name, part)| Some((name.strip_prefix('{')?.strip_suffix('}')?.to_owned(), (*part).to_owned())));
    let cx = PageCx {
        app: t.app.clone(),
        actor: actor.clone(),
        now: t.now(),
        zone: TimeZone::UTC,
        path: path.to_owned(),
        params: params.collect(),
        query: query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        csrf: "csrf".to_owned(),
        refilled: None,
    };
    let view = (found.render)(&cx).await?;
    let line = view.line.map(|line| line.0).unwrap_or_default();
    Ok(format!("{} {line} {} {}", view.title, view.actions.map(|actions| actions.0).unwrap_or_default(), view.body.0))
}

both_databases! { install;
    // covers: C11
    async fn pages_show_each_side_its_own_half_of_a_conflict(t: Trial) {
        program(t, &[]).await;
        let (ada_id, ada) = partner(t, "Ada Systems", "bronze").await;
        let (_, bell) = partner(t, "Bell Partners", "gold").await;
        let first = register(t, &ada, brandt()).await.deal.id;
        let second = register(t, &bell, brandt()).await.deal.id;
        let doubtful = register(t, &bell, customer("Brandt Logistik")).await.deal.id;
        let staff = head(t);
        let vendors = page(t, &staff, "/deals/{deal}", Some(second)).await;
        assert!(vendors.contains("Ada Systems") && vendors.contains("Show the one before it"), "{vendors}");
        let inbox = page(t, &staff, "/deals/inbox", None).await;
        assert!(inbox.contains("approve as a new customer") && inbox.contains("brandt-logistik.de"), "{inbox}");
        for (spec, deal) in
            [("/deals/{deal}", Some(second)), ("/deals/{deal}", Some(doubtful)), ("/deals", None), ("/deals/new", None)]
        {
            let shown = page(t, &bell, spec, deal).await;
            for secret in ["Ada Systems".to_owned(), ada_id.to_string(), first.to_string()] {
                assert!(!shown.contains(&secret), "{spec} tells {secret}: {shown}");
            }
        }
        let own = page(t, &bell, "/deals/{deal}", Some(second)).await;
        assert!(own.contains("Place 1 in the queue") && own.contains("it is protected until"), "{own}");
    }

    async fn acts_that_are_not_possible_say_why(t: Trial) {
        program(t, &[]).await;
        let (_, ada) = partner(t, "Ada Systems", "bronze").await;
        let deal = register(t, &ada, brandt()).await.deal.id;
        let shown = page(t, &ada, "/deals/{deal}", Some(deal)).await;
        assert!(shown.contains("A renewal can be asked for in the last 30 days."), "{shown}");
    }
}
