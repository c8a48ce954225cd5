// The default theme with the system's own fonts, and three small things of ours.
import DefaultTheme from 'vitepress/theme-without-fonts'
import { h } from 'vue'
import AttackerPromise from './AttackerPromise.vue'
import AttackerView from './AttackerView.vue'
import ProgressMark from './ProgressMark.vue'
import ProgressSummary from './ProgressSummary.vue'
import ReadToggle from './ReadToggle.vue'
import Recording from './Recording.vue'
import './style.css'
import './drawings.css'
import './attacker.css'

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'doc-footer-before': () => h(ReadToggle) }),
  enhanceApp({ app }) {
    app.component('AttackerPromise', AttackerPromise)
    app.component('AttackerView', AttackerView)
    app.component('ProgressMark', ProgressMark)
    app.component('ProgressSummary', ProgressSummary)
    app.component('Recording', Recording)
  },
}
