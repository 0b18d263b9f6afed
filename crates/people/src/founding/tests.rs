#![allow(clippy::unwrap_used)]

use kernel::Error;

use super::FoundOrganization;
use crate::stage::install;

trial::both_databases! {
    install;

    async fn an_organization_is_founded_once_under_the_id_that_it_was_given(t: Trial) {
        let found = FoundOrganization { id: t.organization, title: " Northwind Freight Cloud ".to_owned() };
        let founded = t.run(found.clone()).await.unwrap();
        assert_eq!((founded.slug.as_str(), founded.title.as_str()), ("northwind-freight-cloud", "Northwind Freight Cloud"));
        assert_eq!(t.app.organization(None).await.unwrap(), Some(t.organization));
        assert!(matches!(t.run(found).await.unwrap_err(), Error::Conflict { .. }));
    }

    async fn nobody_but_concord_itself_founds_one(t: Trial) {
        let found = |title: &str| FoundOrganization { id: t.organization, title: title.to_owned() };
        let owner = t.staff(&["*"], &["owner"]);
        assert!(matches!(t.run_as(&owner, found("Other")).await.unwrap_err(), Error::Forbidden { .. }));
        let other = FoundOrganization { id: t.app.new_id(t.now()), title: "Other".to_owned() };
        assert!(matches!(t.run(other).await.unwrap_err(), Error::Forbidden { .. }));
        for title in ["", "  ", "—", "two\nlines"] {
            assert!(matches!(t.run(found(title)).await.unwrap_err(), Error::Invalid(_)), "{title:?}");
        }
    }
}
