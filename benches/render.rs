//! What it costs to render one variant of 40 stories, HTML and text. The limit is 2 ms, the aim 1 ms.

#[path = "../tests/sample/mod.rs"]
mod sample;

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use week_in_review::templates::{Home, Pictures, digest};

fn render(bench: &mut Criterion) {
    let home = Home::Mail { pictures: Pictures::Linked };
    for (name, sample) in [("40 stories", sample::repeated(40)), ("7 stories, right to left", sample::persian_week())] {
        let cut = sample.cut();
        bench.bench_function(&format!("{name}, html and text"), |b| {
            b.iter(|| (digest::html(black_box(&cut), home), digest::text(black_box(&cut))));
        });
    }
}

criterion_group!(benches, render);
criterion_main!(benches);
