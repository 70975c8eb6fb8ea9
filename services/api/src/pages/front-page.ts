import { html } from '../operator/html.ts';
import type { Page } from './page.ts';

const screens = ['cashier', 'phone', 'kitchen'] as const;

const placesOf = (simulatorUrl: string) =>
  [
    ['/docs', 'moreDocs'],
    ['/operator/queues', 'moreQueues'],
    [simulatorUrl, 'moreSimulator'],
    ['/health/ready', 'moreReady'],
  ] as const;

/** What this is, and three screens to try it on. */
export const frontPage: Page = {
  name: 'front',
  scripts: [],
  main: ({ say, lang, simulatorUrl }) => html`<main id="main">
  <div class="hero">
    <h1>${say.frontTitle}</h1>
    <p>${say.frontLead}</p>
  </div>
  <section aria-labelledby="try-title">
    <h2 id="try-title">${say.tryTitle}</h2>
    <ol class="steps">
      <li class="step"><h3>${say.tryFirstTitle}</h3><p>${say.tryFirst}</p></li>
      <li class="step"><h3>${say.trySecondTitle}</h3><p>${say.trySecond}</p></li>
      <li class="step"><h3>${say.tryThirdTitle}</h3><p>${say.tryThird}</p></li>
    </ol>
  </section>
  <section aria-labelledby="screens-title">
    <h2 id="screens-title">${say.screensTitle}</h2>
    <div class="screens">
${screens.map(
  (name) => html`      <figure>
        <figcaption><h3>${say[name]}</h3> <a href="/${name}?lang=${lang}" class="alone" target="_blank" aria-label="${say.openAlone}: ${say[name]}">${say.openAlone} ↗</a></figcaption>
        <iframe src="/${name}?lang=${lang}" title="${say[name]}"></iframe>
      </figure>
`,
)}    </div>
  </section>
  <nav aria-labelledby="more-title">
    <h2 id="more-title">${say.moreTitle}</h2>
    <ul class="links">
${placesOf(simulatorUrl).map(
  ([href, what]) => html`      <li><a class="link" href="${href}"><b>${say[what]}</b> <span>${say[`${what}Why`]}</span></a></li>
`,
)}    </ul>
  </nav>
</main>`,
};
