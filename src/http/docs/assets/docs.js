// Conveniences of /docs; the page says the same without them.
/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return --
   it runs in browsers, whose types the service does without. */

const filter = document.getElementById('filter')
filter.hidden = false
filter.addEventListener('input', () => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean)
  for (const item of document.querySelectorAll('nav li[data-find]')) {
    item.hidden = !words.every((word) => item.dataset.find.includes(word))
  }
})

if (navigator.clipboard) {
  for (const figure of document.querySelectorAll('figure')) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = 'Copy'
    const say = (text) => {
      button.textContent = text
      setTimeout(() => (button.textContent = 'Copy'), 1500)
    }
    button.addEventListener('click', () => {
      navigator.clipboard.writeText(figure.querySelector('pre').textContent).then(
        () => say('Copied'),
        () => say('Not allowed'),
      )
    })
    figure.querySelector('figcaption').append(button)
  }
}

// A link to a schema opens it.
const openTarget = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (target instanceof HTMLDetailsElement) target.open = true
}
addEventListener('hashchange', openTarget)
openTarget()
