#![allow(clippy::all, clippy::disallowed_methods, clippy::unwrap_used)]
use kernel::*;
use std::sync::Arc;
fn main() {
    let scale: f64 = std::env::args().nth(1).map(|s| s.parse().unwrap()).unwrap_or(1.0);
    let rt = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    rt.block_on(async {
        let dir = std::path::PathBuf::from(std::env::args().nth(2).unwrap_or("/tmp/year".into()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        let db = Db::open(&kernel::db::Target::Sqlite(dir.join("concord.db"))).await.unwrap();
        let mut registry = Registry::default();
        let r = &mut registry;
        programs::install(r);
        clocks::install(r);
        procedures::install(r);
        controls::install(r);
        scoring::install(r);
        findings::install(r);
        documents::install(r);
        people::install(r);
        partners::install(r);
        deals::install(r);
        onboarding::install(r);
        gate::install(r);
        ::money::install(r);
        let today: Timestamp = "2026-11-20T10:15:00Z".parse().unwrap();
        let clock = Arc::new(FixedClock::at(today));
        let key = kernel::log::LogKey::new("test/log", &[7; 32]).unwrap();
        let app = App::new(db, registry, clock.clone(), IdSource::seeded(1), kernel::secret::Vault::new(&[9; 32]), key);
        app.migrate().await.unwrap();
        let t = std::time::Instant::now();
        let last = std::sync::Mutex::new((0.0f64, String::new()));
        let b = world::build(&app, &clock, &world::Plan { seed: 2026, scale, today }, &|p, w| {
            let mut l = last.lock().unwrap();
            if l.1 != w {
                println!("{:6.2}s {:5.1}% {w}", t.elapsed().as_secs_f64(), p * 100.0);
                *l = (p, w.to_string());
            }
        })
        .await
        .unwrap();
        println!("{b:#?}");
        let mut tx = app.db().read().await.unwrap();
        for sql in [
            "SELECT operation AS a, COUNT(*) AS n FROM log_entry GROUP BY operation ORDER BY 2 DESC",
            "SELECT state AS a, COUNT(*) AS n FROM deal GROUP BY state ORDER BY 2 DESC",
            "SELECT tier AS a, COUNT(*) AS n FROM partner GROUP BY tier ORDER BY 2 DESC",
            "SELECT status AS a, COUNT(*) AS n FROM partner GROUP BY status ORDER BY 2 DESC",
            "SELECT kind AS a, COUNT(*) AS n FROM event GROUP BY kind ORDER BY 2 DESC",
        ] {
            for row in tx.rows(sql, &[]).await.unwrap() {
                println!("{:?}", row.values);
            }
            println!();
        }
    });
}
