//! The list of areas, and how a running Concord is put together from its configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kernel::db::Target;
use kernel::log::{LogKey, key_file};
use kernel::secret::Vault;
use kernel::{App, Clock, Db, IdSource, Registry, Result, SystemClock};

/// Where an installation keeps its data and keys.
#[derive(Debug, Clone)]
pub struct Place {
    /// Keys, and the embedded database unless `database_url` names another.
    pub data_dir: PathBuf,
    pub database_url: Option<String>,
    /// The name under which the log signs, such as `partners.example.com/log`.
    pub log_origin: String,
}

impl Place {
    pub fn target(&self) -> Target {
        match &self.database_url {
            Some(url) => Target::Postgres(url.clone()),
            None => Target::Sqlite(self.database_file()),
        }
    }

    pub fn database_file(&self) -> PathBuf {
        self.data_dir.join("concord.db")
    }

    pub fn log_key_file(&self) -> PathBuf {
        self.data_dir.join("log.key")
    }

    pub fn secret_key_file(&self) -> PathBuf {
        self.data_dir.join("secret.key")
    }
}

/// Every area, from the ground up.
pub fn areas(registry: &mut Registry) {
    programs::install(registry);
    clocks::install(registry);
    procedures::install(registry);
    controls::install(registry);
    scoring::install(registry);
    findings::install(registry);
    documents::install(registry);
    imports::install(registry);
    people::install(registry);
    partners::install(registry);
    onboarding::install(registry);
    deals::install(registry);
    gate::install(registry);
    money::install(registry);
    governance::install(registry);
    insight::install(registry);
    // Last, because it is about all of them: rules may read what these areas publish.
    registry.add(programs::Published(scoring::published));
}

/// Opens the database, brings its schema up to date and puts everything together, on the clock of the machine.
pub async fn open(place: &Place) -> Result<App> {
    open_with(place, Arc::new(SystemClock), IdSource::from_entropy()).await
}

/// The same with a clock and a source of ids of the caller's: the demo builds a past year with them.
pub async fn open_with(place: &Place, clock: Arc<dyn Clock>, ids: IdSource) -> Result<App> {
    make_folder(&place.data_dir)?;
    let fresh = |path: &Path| {
        let mut bytes = [0; 32];
        // Keys are secret even where everything else comes from a seed.
        IdSource::from_entropy().fill(&mut bytes);
        key_file(path, bytes)
    };
    let log_key = LogKey::new(&place.log_origin, &fresh(&place.log_key_file())?)?;
    let vault = Vault::new(&fresh(&place.secret_key_file())?);
    let db = Db::open(&place.target()).await?;
    let mut registry = Registry::default();
    areas(&mut registry);
    let app = App::new(db, registry, clock, ids, vault, log_key);
    let ran = app.migrate().await?;
    if !ran.is_empty() {
        tracing::info!(steps = ran.len(), "the schema was brought up to date");
    }
    kernel::log::check_key(&app).await?;
    Ok(app)
}

fn make_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path)
        .map_err(|e| kernel::Error::invalid("data_dir", format!("{} cannot be made: {e}", path.display())))
}
