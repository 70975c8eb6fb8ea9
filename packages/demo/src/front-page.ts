import { html } from '@gateway/api';
import type { Page } from './page.ts';

const screens = ['cashier', 'phone', 'kitchen'] as const;

const linksOf = (simulatorUrl: string) =>
  [
    ['/docs', 'moreDocs'],
    ['/operator', 'moreConsole'],
    [simulatorUrl, 'moreSimulator'],
    ['/health/ready', 'moreReady'],
  ] as const;

/** The start page: what the product does, what to try, and the three screens in frames. */
export const frontPage: Page = {
  name: 'front',
  scripts: [],
  main: ({ texts, lang, simulatorUrl }) => html`<main id="main">
  <div class="hero">
    <h1>${texts.frontTitle}</h1>
    <p>${texts.frontLead}</p>
  </div>
  <section aria-labelledby="try-title">
    <h2 id="try-title">${texts.tryTitle}</h2>
    <ol class="steps">
      <li class="step"><h3>${texts.tryFirstTitle}</h3><p>${texts.tryFirst}</p></li>
      <li class="step"><h3>${texts.trySecondTitle}</h3><p>${texts.trySecond}</p></li>
      <li class="step"><h3>${texts.tryThirdTitle}</h3><p>${texts.tryThird}</p></li>
      <li class="step"><h3>${texts.tryFourthTitle}</h3><p>${texts.tryFourth}</p></li>
    </ol>
  </section>
  <section aria-labelledby="screens-title">
    <h2 id="screens-title">${texts.screensTitle}</h2>
    <div class="screens">
${screens.map(
  (name) => html`      <figure>
        <figcaption><h3>${texts[name]}</h3> <a href="/${name}?lang=${lang}" class="new-tab" target="_blank" aria-label="${texts.openInNewTab}: ${texts[name]}">${texts.openInNewTab} ↗</a></figcaption>
        <iframe src="/${name}?lang=${lang}" title="${texts[name]}"></iframe>
      </figure>
`,
)}    </div>
  </section>
  <nav aria-labelledby="more-title">
    <h2 id="more-title">${texts.moreTitle}</h2>
    <ul class="links">
${linksOf(simulatorUrl).map(
  ([href, key]) => html`      <li><a class="link" href="${href}"><b>${texts[key]}</b> <span>${texts[`${key}Why`]}</span></a></li>
`,
)}    </ul>
  </nav>
</main>`,
};
