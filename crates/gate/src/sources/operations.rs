//! Registering, rotating, disabling and listing sources.

use kernel::app::ReadCx;
use kernel::{Access, Cx, Error, Operation, Page, PageRequest, PartnerId, Query, Result, Route, delete, get, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::source::{OVERLAP_HOURS, Source, SourceState, check_name, path, secret_text};
use super::store;
use crate::SourceId;

/// Register a source of credentials and get the secret with which it signs its webhooks.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateSource {
    /// What the source is called, such as `Credential feed`.
    pub name: String,
    /// The provider whose source it is; absent for a source of the vendor itself. A partner's own people leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
}

/// A source with its secret.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct IssuedSource {
    pub id: SourceId,
    /// The signing secret. It is shown here and nowhere else.
    pub secret: String,
    /// Where the webhooks are sent.
    pub path: String,
}

impl Operation for CreateSource {
    const NAME: &'static str = "sources.create";
    const ROUTE: Route = post("/gate/sources");
    type Output = IssuedSource;

    fn partner(&self) -> Option<PartnerId> {
        self.partner
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<IssuedSource> {
        let partner = self.owner(cx).await?;
        let id: SourceId = cx.id();
        let source = Source {
            id,
            partner,
            name: check_name(&self.name)?,
            state: SourceState::Active,
            path: path(id),
            created_at: cx.now,
            created_by: cx.actor.reference(),
            rotated_at: None,
            previous_until: None,
            disabled_at: None,
        };
        let (secret, sealed) = fresh_secret(cx)?;
        store::insert(cx.tx, &cx.scope, &source, sealed).await?;
        let summary = format!("{} registered the credential source `{}`", cx.actor.name, source.name);
        cx.emit("source.created", id, partner, summary, &source);
        Ok(IssuedSource { id, secret, path: source.path })
    }
}

impl CreateSource {
    /// The partner of the new source: a partner's people register their own, the vendor's people anyone's.
    async fn owner(&self, cx: &mut Cx<'_>) -> Result<Option<PartnerId>> {
        if let Some(own) = cx.scope.partner {
            return match self.partner {
                Some(other) if other != own => Err(Error::not_found("partner", other)),
                _ => Ok(Some(own)),
            };
        }
        let known = cx.app.registry().parts::<procedures::NameOf>().pop();
        if let Some((partner, name_of)) = self.partner.zip(known)
            && (name_of.0)(cx.tx, &cx.scope, partner).await?.is_none()
        {
            return Err(Error::not_found("partner", partner));
        }
        Ok(self.partner)
    }
}

fn fresh_secret(cx: &Cx<'_>) -> Result<(String, Vec<u8>)> {
    let secret = secret_text(cx.app.random());
    let sealed = cx.app.vault().seal(&secret, cx.app.random())?;
    Ok((secret, sealed))
}

/// Give a source a new secret; the one before is believed for another 24 hours.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RotateSource {
    pub source: SourceId,
}

impl Operation for RotateSource {
    const NAME: &'static str = "sources.rotate";
    const ROUTE: Route = post("/gate/sources/{source}/secrets");
    type Output = IssuedSource;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("webhook_source", self.source.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<IssuedSource> {
        let mut source = store::get(cx.tx, &cx.scope, self.source).await?;
        source.must_be_active()?;
        source.rotated_at = Some(cx.now);
        source.previous_until = Some(cx.now.plus_hours(OVERLAP_HOURS));
        let (secret, sealed) = fresh_secret(cx)?;
        store::rotate(cx.tx, &cx.scope, &source, sealed).await?;
        let summary = format!("{} rotated the secret of the source `{}`", cx.actor.name, source.name);
        cx.emit("source.rotated", source.id, source.partner, summary, &source);
        Ok(IssuedSource { id: source.id, secret, path: source.path })
    }
}

/// Disable a source: its webhooks are refused from now on, and what it attested stays on record.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DisableSource {
    pub source: SourceId,
}

impl Operation for DisableSource {
    const NAME: &'static str = "sources.disable";
    const ROUTE: Route = delete("/gate/sources/{source}");
    /// A leaked secret is stopped whatever the partner's standing.
    const ACCESS: Access = Access::Open;
    type Output = Source;

    fn subject(&self) -> Option<(&'static str, String)> {
        Some(("webhook_source", self.source.to_string()))
    }

    async fn run(self, cx: &mut Cx<'_>) -> Result<Source> {
        let mut source = store::get(cx.tx, &cx.scope, self.source).await?;
        source.must_be_active()?;
        source.state = SourceState::Disabled;
        source.disabled_at = Some(cx.now);
        store::disable(cx.tx, &source).await?;
        let summary = format!("{} disabled the source `{}`", cx.actor.name, source.name);
        cx.emit("source.disabled", source.id, source.partner, summary, &source);
        Ok(source)
    }
}

/// List the sources of credentials.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListSources {
    /// Only those in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<SourceState>,
    #[serde(flatten)]
    pub page: PageRequest,
}

impl Query for ListSources {
    const NAME: &'static str = "sources.list";
    const ROUTE: Route = get("/gate/sources");
    type Output = Page<Source>;

    async fn run(self, cx: &mut ReadCx<'_>) -> Result<Page<Source>> {
        store::list(cx.tx, &cx.scope, &self.page, self.state).await
    }
}
